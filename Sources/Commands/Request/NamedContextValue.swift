import BuildGraph
import Frontend
import OCI

/// The value of a `--build-context`, by its text alone (spec/03 §3.6).
enum NamedContextValue: Hashable {
    case directory(String)
    case image(ImageReference)
    /// An OCI layout directory, with a tag or a digest.
    case layout(path: String, tag: String?, digest: Digest?)
    case git(GitSource)
    /// A file over http(s), unpacked where it is an archive.
    case archive(url: String)
    case empty

    /// Understands a directory, `docker-image://REF`, `oci-layout://DIR[:TAG][@DIGEST]`, a Git URL or another one.
    init(_ text: String) throws(OptionError) {
        if let name = Self.rest(of: text, after: "docker-image://") {
            self = name == "scratch" ? .empty : .image(try BuildCommand.imageName(name, allowsDigest: true))
        } else if let layout = Self.rest(of: text, after: "oci-layout://") {
            self = try Self.layout(layout)
        } else if case .git(let source) = try ContextLocation(parsing: text) {
            self = .git(source)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .archive(url: text)
        } else {
            self = .directory(text)
        }
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func layout(_ text: String) throws(OptionError) -> NamedContextValue {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        var digest: Digest?
        if parts.count == 2 {
            do {
                digest = try Digest(parts[1])
            } catch {
                throw .invalidValue(option: "--build-context", value: text, reason: "\(error)")
            }
        }
        let name = parts.first ?? ""
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else {
            return .layout(path: name, tag: nil, digest: digest)
        }
        return .layout(path: String(name[..<colon]), tag: String(name[name.index(after: colon)...]), digest: digest)
    }
}
