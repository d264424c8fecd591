import OCI

/// A file of an OCI layout, or of an archive of one.
struct LayoutEntry: Sendable {
    /// Where its bytes are.
    enum Content: Sendable {
        case bytes([UInt8])
        /// A blob of the content store.
        case blob(Descriptor)
    }

    /// Relative to the layout's root.
    let path: String
    let content: Content
    /// Permission bits in an archive.
    let mode: UInt32

    /// The size in bytes.
    var size: Int64 {
        switch content {
        case .bytes(let bytes): Int64(bytes.count)
        case .blob(let descriptor): descriptor.size
        }
    }
}

/// The files of a layout that holds one image under its names (spec/04 §4.2).
struct LayoutContents {
    /// All files, sorted by path.
    let entries: [LayoutEntry]

    /// The files for `documents`; `created` is the time of the annotation `org.opencontainers.image.created`.
    ///
    /// With `forDocker` there is a `manifest.json` for `docker load`.
    init(_ documents: ImageDocuments, names: [ImageReference], created: Timestamp, forDocker: Bool) {
        var entries = Self.blobs(documents)
        entries.append(LayoutEntry(path: "oci-layout", content: .bytes(Self.marker), mode: 0o444))
        let index = Self.index(documents, names: names, created: created)
        entries.append(LayoutEntry(path: "index.json", content: .bytes(index.json.compact()), mode: 0o644))
        if forDocker {
            let manifest = Self.dockerManifest(documents, names: names)
            entries.append(LayoutEntry(path: "manifest.json", content: .bytes(manifest), mode: 0o644))
        }
        self.entries = entries.sorted { $0.path < $1.path }
    }

    /// The blobs of a cache.
    init(_ manifest: CacheManifest) {
        let documents = [manifest.config, manifest.root].map { document in
            LayoutEntry(path: Self.path(of: document.descriptor.digest), content: .bytes(document.bytes), mode: 0o444)
        }
        let layers = manifest.layers.map { layer in
            LayoutEntry(path: Self.path(of: layer.digest), content: .blob(layer), mode: 0o444)
        }
        entries = layers + documents
    }

    /// The content of `oci-layout`.
    static let marker = Array("{\"imageLayoutVersion\":\"1.0.0\"}".utf8)

    /// The path of a blob in a layout.
    static func path(of digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    private static func blobs(_ documents: ImageDocuments) -> [LayoutEntry] {
        var seen: Set<String> = []
        let made = documents.all.map { document in
            LayoutEntry(path: path(of: document.descriptor.digest), content: .bytes(document.bytes), mode: 0o444)
        }
        let stored = documents.layers.map { layer in
            LayoutEntry(path: path(of: layer.digest), content: .blob(layer), mode: 0o444)
        }
        return (made + stored).filter { seen.insert($0.path).inserted }
    }

    /// The `index.json`: one descriptor for each name, or one without a name.
    static func index(_ documents: ImageDocuments, names: [ImageReference], created: Timestamp) -> Index {
        var base = documents.root.descriptor
        base.annotations["org.opencontainers.image.created"] = created.description
        guard !names.isEmpty else { return Index(manifests: [base]) }
        return Index(
            manifests: names.map { name in
                var descriptor = base
                descriptor.annotations["io.containerd.image.name"] = name.description
                descriptor.annotations["org.opencontainers.image.ref.name"] = name.tag ?? name.description
                return descriptor
            }
        )
    }

    private static func dockerManifest(_ documents: ImageDocuments, names: [ImageReference]) -> [UInt8] {
        let image = JSONText.object([
            ("Config", .string(path(of: documents.firstConfig.descriptor.digest))),
            ("RepoTags", names.isEmpty ? .null : .strings(names.map(\.familiar))),
            ("Layers", .strings(documents.firstLayers.map { path(of: $0.digest) })),
        ])
        return JSONText.array([image]).compact()
    }
}
