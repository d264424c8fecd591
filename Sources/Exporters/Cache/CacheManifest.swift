import OCI

/// The documents of a cache (spec/05 §5.5): its configuration, which holds the records, and a manifest.
package struct CacheManifest: Sendable {
    /// The choices for the documents.
    package struct Options: Hashable, Sendable {
        /// OCI media types, else those of Docker.
        package var ociMediaTypes = true
        /// A manifest as of an image, else an index that lists the blobs.
        package var isImageManifest = true

        package init() {}
    }

    package let config: ImageDocument
    package let root: ImageDocument
    /// The layers' blobs, each once.
    package let layers: [Descriptor]

    /// The documents for entries; nil where no entry has layers.
    package init?(_ entries: [CacheEntry], _ options: Options) {
        let document = CacheDocument(entries)
        guard !document.layers.isEmpty else { return nil }
        var known: [Digest: ExportedLayer] = [:]
        for layer in entries.compactMap(\.layers).joined() { known[layer.descriptor.digest] = layer }
        var seen: Set<Digest> = []
        layers = document.layers.compactMap { seen.insert($0.blob).inserted ? known[$0.blob] : nil }
            .map(Self.descriptor)
        config = ImageDocument(document.encoded(), mediaType: CacheDocument.mediaType)
        if options.isImageManifest {
            let mediaType = options.ociMediaTypes ? MediaType.ociManifest : MediaType.dockerManifest
            let manifest = Manifest(mediaType: mediaType, config: config.descriptor, layers: layers)
            root = ImageDocument(manifest.json.compact(), mediaType: mediaType)
        } else {
            let mediaType = options.ociMediaTypes ? MediaType.ociIndex : MediaType.dockerIndex
            let index = Index(mediaType: mediaType, manifests: layers + [config.descriptor])
            root = ImageDocument(index.json.compact(), mediaType: mediaType)
        }
    }

    private static func descriptor(_ layer: ExportedLayer) -> Descriptor {
        var descriptor = layer.descriptor
        descriptor.annotations["containerd.io/uncompressed"] = layer.diffID.description
        if let created = layer.created { descriptor.annotations["buildkit/createdat"] = created.description }
        return descriptor
    }
}
