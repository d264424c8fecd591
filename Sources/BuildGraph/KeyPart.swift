/// One of the things said about an operation that count for its key, in words for people.
package struct KeyPart: Hashable, Sendable {
    /// What a part is about.
    package enum Kind: String, Hashable, Sendable {
        /// A variable of a process, by its name; it comes from `ARG` or `ENV`.
        case environment
        /// Something mounted into a process, by its target.
        case mount
        /// An image, by its name; the value is the digest of its manifest.
        case image
        /// A repository or a file from elsewhere, by its address; the value is the commit or checksum that is asked for.
        case source
        /// Anything else, by its name, such as `working directory`.
        case setting
    }

    package let kind: Kind
    package let name: String
    package let value: String

    init(_ kind: Kind, _ name: String, _ value: String) {
        self.kind = kind
        self.name = name
        self.value = value
    }

    /// A setting that is told only where it is not the usual one.
    static func setting(_ name: String, _ value: String) -> [KeyPart] {
        value.isEmpty ? [] : [KeyPart(.setting, name, value)]
    }
}

extension Vertex {
    /// What counts for the key apart from the inputs, as far as it can be told.
    ///
    /// Two vertices whose keys differ in more than their inputs nearly always differ in a part; what proxies are, and
    /// what else does not count, is not among them. Values may hold secrets.
    package var keyParts: [KeyPart] {
        switch operation {
        case .source(let source): source.keyParts
        case .exec(let exec): exec.keyParts + KeyPart.setting("platform", platform?.description ?? "")
        case .file(let file): file.keyParts
        case .merge, .diff: []
        }
    }
}

extension SourceOperation {
    fileprivate var keyParts: [KeyPart] {
        switch self {
        case .image(let reference, let manifest, let platform):
            [KeyPart(.image, "\(reference)", "\(manifest)"), KeyPart(.setting, "platform", "\(platform)")]
        case .ociLayout(let path, let manifest, let platform):
            [KeyPart(.image, path, "\(manifest)"), KeyPart(.setting, "platform", "\(platform)")]
        case .git(let git):
            [KeyPart(.source, git.url, git.reference ?? "")] + KeyPart.setting("directory", git.subdirectory ?? "")
        case .http(let http): [KeyPart(.source, http.url, http.checksum?.description ?? "")]
        case .local(let local):
            [KeyPart(.source, local.name, "")]
                + KeyPart.setting("ignore patterns", local.excludePatterns.joined(separator: " "))
        }
    }
}
