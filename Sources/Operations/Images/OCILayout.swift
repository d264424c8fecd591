import Archive
import Frontend
import LinuxSystem
import OCI
import Registry
import Storage

/// An OCI image layout in a directory of this machine (spec/03 §3.2).
///
/// Every blob read is checked against its digest.
struct OCILayout {
    private let path: Path

    init(_ path: Path) {
        self.path = path
    }

    /// Finds an image by digest or by tag (`latest` without either) and stores its manifest and configuration.
    func resolve(
        tag: String?,
        digest: Digest?,
        platform: Platform,
        into store: ContentStore
    ) throws -> Frontend.ResolvedImage {
        let root = try rootDigest(tag: tag, digest: digest)
        var current = root
        for _ in 0..<4 {
            let bytes = try read(current)
            guard let index = try? Index(json: bytes), !index.manifests.isEmpty else {
                let manifest = try Manifest(json: bytes)
                let config = try read(manifest.config.digest)
                try store.store(bytes)
                try store.store(config)
                return try ImageCatalog.resolved(root: root, manifest: current, config: config, indexed: nil)
            }
            current = try RegistryClient.selectManifest(index, platform: platform, subject: path.string).digest
        }
        throw OperationError.notAnImage(reference: path.string, reason: "its indexes are nested too deeply")
    }

    /// Copies a blob into the content store, checked.
    func copy(_ descriptor: Descriptor, into store: ContentStore) throws {
        var writer = try store.makeWriter(algorithm: descriptor.digest.algorithm)
        let directory = try Directory.open(path)
        var source = FileSource(try directory.openFile(Self.blobPath(descriptor.digest)))
        try source.copy(to: &writer)
        _ = try writer.commit(digest: descriptor.digest, size: descriptor.size)
    }

    /// The digest of what `index.json` names so.
    func rootDigest(tag: String?, digest: Digest?) throws -> Digest {
        if let digest { return digest }
        let name = tag ?? "latest"
        let index = try Index(
            json: try Directory.open(path).readFile("index.json", limit: RegistryClient.documentLimit)
        )
        let match = index.manifests.first { descriptor in
            let full = descriptor.annotations["io.containerd.image.name"]
            return descriptor.annotations["org.opencontainers.image.ref.name"] == name
                || full.map { $0.hasSuffix(":\(name)") } ?? false
        }
        if let match { return match.digest }
        if tag == nil, index.manifests.count == 1 { return index.manifests[0].digest }
        throw OperationError.notAnImage(reference: path.string, reason: "its index.json has no image `\(name)`")
    }

    /// A document, checked against its digest.
    func read(_ digest: Digest) throws -> [UInt8] {
        let bytes = try Directory.open(path).readFile(Self.blobPath(digest), limit: RegistryClient.documentLimit)
        var hasher = DigestHasher(digest.algorithm)
        hasher.update(bytes)
        let actual = hasher.finalize()
        guard actual == digest else {
            throw OperationError.digestMismatch(expected: digest.description, actual: actual.description)
        }
        return bytes
    }

    private static func blobPath(_ digest: Digest) -> Path {
        Path("blobs").appending(digest.algorithm.rawValue).appending(digest.hex)
    }
}
