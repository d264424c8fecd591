import OCI

/// What an image output is made of, for one platform.
package struct ExportedPlatform: Sendable {
    package let platform: Platform
    /// The configuration as the frontend made it: new history entries without times, no diff ids.
    package let config: ImageConfig
    /// The layers, lowest first, all of them in the content store.
    package let layers: [ExportedLayer]

    package init(platform: Platform, config: ImageConfig, layers: [ExportedLayer]) {
        self.platform = platform
        self.config = config
        self.layers = layers
    }
}

/// A layer whose blob is in the content store.
package struct ExportedLayer: Hashable, Sendable {
    /// Digest, size and media type of the blob.
    package let descriptor: Descriptor
    /// The digest of the uncompressed archive.
    package let diffID: Digest
    /// When the snapshot of the layer was made; nil for layers of a base image.
    package let created: Timestamp?

    package init(descriptor: Descriptor, diffID: Digest, created: Timestamp?) {
        self.descriptor = descriptor
        self.diffID = diffID
        self.created = created
    }
}

/// The choices for the documents of an image.
package struct ImageDocumentOptions: Hashable, Sendable {
    /// OCI media types, else those of Docker.
    package var ociMediaTypes = true
    /// Annotations of each manifest.
    package var annotations: [String: String] = [:]
    /// An index even for one platform.
    package var forcesIndex = false
    /// Unix seconds to which times of the build are clamped.
    package var sourceDateEpoch: Int64?

    package init() {}
}

/// A document of an image: its bytes and what describes them.
package struct ImageDocument: Hashable, Sendable {
    package let descriptor: Descriptor
    package let bytes: [UInt8]

    init(_ bytes: [UInt8], mediaType: String, annotations: [String: String] = [:], platform: Platform? = nil) {
        self.bytes = bytes
        descriptor = Descriptor(
            mediaType: mediaType,
            digest: .sha256(of: bytes),
            size: Int64(bytes.count),
            annotations: annotations,
            platform: platform
        )
    }
}
