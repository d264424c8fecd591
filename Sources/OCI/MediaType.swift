/// How the bytes of a layer blob are compressed.
package enum LayerCompression: String, Hashable, Sendable, CaseIterable {
    case uncompressed
    case gzip
    case zstd
}

/// The media types of image documents and layers, and what they mean.
package enum MediaType {
    package static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
    package static let ociIndex = "application/vnd.oci.image.index.v1+json"
    package static let ociConfig = "application/vnd.oci.image.config.v1+json"
    package static let ociEmpty = "application/vnd.oci.empty.v1+json"
    package static let ociLayerTar = "application/vnd.oci.image.layer.v1.tar"
    package static let ociLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    package static let ociLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    package static let dockerLayerTar = "application/vnd.docker.image.rootfs.diff.tar"
    package static let dockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    package static let dockerLayerZstd = "application/vnd.docker.image.rootfs.diff.tar.zstd"
    package static let dockerForeignLayerTar = "application/vnd.docker.image.rootfs.foreign.diff.tar"
    package static let dockerForeignLayerGzip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    package static let ociForeignLayerTar = "application/vnd.oci.image.layer.nondistributable.v1.tar"
    package static let ociForeignLayerGzip = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    package static let ociForeignLayerZstd = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"
    package static let inTotoStatement = "application/vnd.in-toto+json"

    /// Whether the document lists manifests.
    package static func isIndex(_ mediaType: String) -> Bool {
        mediaType == ociIndex || mediaType == dockerIndex
    }

    /// Whether the document lists layers.
    package static func isManifest(_ mediaType: String) -> Bool {
        mediaType == ociManifest || mediaType == dockerManifest
    }

    /// Whether the blob is a layer that can be unpacked.
    package static func isLayer(_ mediaType: String) -> Bool {
        compression(of: mediaType) != nil
    }

    /// Whether the blob is a layer that must not be pushed, and comes from its URLs.
    package static func isForeignLayer(_ mediaType: String) -> Bool {
        switch mediaType {
        case dockerForeignLayerTar, dockerForeignLayerGzip, ociForeignLayerTar, ociForeignLayerGzip,
            ociForeignLayerZstd:
            true
        default: false
        }
    }

    /// Returns the compression of a layer's media type, `nil` if it is not one of a layer.
    package static func compression(of mediaType: String) -> LayerCompression? {
        switch mediaType {
        case ociLayerTar, dockerLayerTar, ociForeignLayerTar, dockerForeignLayerTar: .uncompressed
        case ociLayerGzip, dockerLayerGzip, ociForeignLayerGzip, dockerForeignLayerGzip: .gzip
        case ociLayerZstd, dockerLayerZstd, ociForeignLayerZstd: .zstd
        default: nil
        }
    }

    /// Returns the media type of a layer of an OCI or a docker image.
    package static func layer(_ compression: LayerCompression, oci: Bool) -> String {
        switch compression {
        case .uncompressed: oci ? ociLayerTar : dockerLayerTar
        case .gzip: oci ? ociLayerGzip : dockerLayerGzip
        case .zstd: oci ? ociLayerZstd : dockerLayerZstd
        }
    }
}
