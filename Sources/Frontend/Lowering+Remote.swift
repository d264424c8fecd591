import BuildGraph
import DockerfileParser
import OCI

/// A repository or file that `ADD` brings in.
struct RemoteFile: Hashable, Sendable {
    let operation: SourceOperation
    /// What is copied: the name of the file, or the root of a checkout.
    let path: String
    let isDirectory: Bool

    /// Whether a text is an HTTP address.
    static func isURL(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

    /// The name under which a download is saved: the last component of the URL's path.
    static func filename(of url: String) -> String {
        let bare = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = bare.firstRange(of: "://") else { return "__unnamed__" }
        let rest = bare[scheme.upperBound...]
        guard let slash = rest.firstIndex(of: "/") else { return "__unnamed__" }
        let name = PathText.base(PathText.rooted(PercentEncoding.decoded(String(rest[slash...]))))
        let isSafe = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } && name.utf8.count <= 255
        return name == "/" ? "__unnamed__" : isSafe ? name : "download"
    }
}

extension Lowering {
    /// The repository or file that a source of `ADD` names; nil for a path.
    func remoteSource(
        _ text: String,
        _ add: AddInstruction,
        checksum: String?
    ) throws(FrontendError) -> RemoteFile? {
        if let git = try gitReference(text, at: add.origin) { return try repository(git, add, checksum: checksum) }
        guard RemoteFile.isURL(text) else { return nil }
        let filename = RemoteFile.filename(of: text)
        var source = HTTPSource(url: text, filename: filename)
        if let checksum {
            guard let digest = try? Digest(checksum) else {
                throw failure(.invalidChecksum(checksum), at: add.origin)
            }
            source.checksum = digest
        }
        return RemoteFile(operation: .http(source), path: "/" + filename, isDirectory: false)
    }

    private func repository(
        _ reference: GitReference,
        _ add: AddInstruction,
        checksum: String?
    ) throws(FrontendError) -> RemoteFile {
        var source = reference.source
        if let keep = add.keepGitDirectory {
            if let other = reference.keepGitDirectory, other != keep {
                throw failure(.keepGitDirectoryConflict, at: add.origin)
            }
            source.keepGitDirectory = keep
        }
        if let checksum {
            if let other = source.checksum, other != checksum { throw failure(.checksumConflict, at: add.origin) }
            source.checksum = checksum
        }
        return RemoteFile(operation: .git(source), path: "/", isDirectory: true)
    }

    private func gitReference(_ text: String, at origin: Origin) throws(FrontendError) -> GitReference? {
        do {
            let reference = try GitReference.parse(text)
            return reference?.isLikePath == true ? nil : reference
        } catch {
            throw failure(.gitReference(error), at: origin)
        }
    }
}
