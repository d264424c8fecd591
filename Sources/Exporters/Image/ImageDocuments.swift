import OCI

/// The configurations, manifests and index of an image (spec/04 §4.2).
package struct ImageDocuments: Sendable {
    /// What names the image: the index, or the only manifest.
    package let root: ImageDocument
    /// A configuration for each platform.
    package let configs: [ImageDocument]
    /// A manifest for each platform.
    package let manifests: [ImageDocument]
    /// The layers' blobs, each once.
    package let layers: [Descriptor]
    /// The first platform's layers, of which a docker archive is made.
    package let firstLayers: [Descriptor]
    /// Whether the root is an index.
    package let isIndex: Bool

    /// Makes the documents of `platforms`, of which there is at least one.
    package init(_ platforms: [ExportedPlatform], _ options: ImageDocumentOptions) throws {
        guard let first = platforms.first else { throw ExportError.severalPlatforms(type: "empty") }
        var configs: [ImageDocument] = []
        var manifests: [ImageDocument] = []
        for platform in platforms {
            let config = Self.config(of: platform, options)
            configs.append(config)
            manifests.append(Self.manifest(of: platform, config, options))
        }
        var seen: Set<Digest> = []
        layers = platforms.flatMap(\.layers).map(\.descriptor).filter { seen.insert($0.digest).inserted }
        self.configs = configs
        self.manifests = manifests
        firstLayers = first.layers.map(\.descriptor)
        isIndex = platforms.count > 1 || options.forcesIndex
        guard isIndex else {
            root = manifests[0]
            return
        }
        let mediaType = options.ociMediaTypes ? MediaType.ociIndex : MediaType.dockerIndex
        let index = Index(mediaType: mediaType, manifests: manifests.map(\.descriptor))
        root = ImageDocument(index.encoded(), mediaType: mediaType)
    }

    /// Every document, configurations first, then manifests, then the index.
    package var all: [ImageDocument] { configs + manifests + (isIndex ? [root] : []) }

    /// The first platform's configuration, of which a docker archive is made.
    package var firstConfig: ImageDocument { configs[0] }

    private static func config(of platform: ExportedPlatform, _ options: ImageDocumentOptions) -> ImageDocument {
        var config = platform.config
        config.diffIDs = platform.layers.map(\.diffID)
        HistoryTimes(layers: platform.layers, epoch: options.sourceDateEpoch).complete(&config)
        return ImageDocument(
            config.encoded(),
            mediaType: options.ociMediaTypes ? MediaType.ociConfig : MediaType.dockerConfig
        )
    }

    private static func manifest(
        of platform: ExportedPlatform,
        _ config: ImageDocument,
        _ options: ImageDocumentOptions
    ) -> ImageDocument {
        let mediaType = options.ociMediaTypes ? MediaType.ociManifest : MediaType.dockerManifest
        let manifest = Manifest(
            mediaType: mediaType,
            config: config.descriptor,
            layers: platform.layers.map(\.descriptor),
            annotations: options.annotations
        )
        return ImageDocument(manifest.encoded(), mediaType: mediaType, platform: platform.platform.normalized)
    }
}
