import LinuxSystem
import OCI
import Registry

/// A small image whose layer is an empty tar archive of a given size.
struct TestImage {
    let platform: Platform
    let layer: [UInt8]

    init(platform: Platform = Platform(os: "linux", architecture: "amd64"), layerSize: Int = 10_240) {
        self.platform = platform
        layer = [UInt8](repeating: 0, count: layerSize)
    }

    var layerDescriptor: Descriptor {
        Descriptor(mediaType: MediaType.ociLayerTar, digest: .sha256(of: layer), size: Int64(layer.count))
    }

    var config: [UInt8] {
        var config = ImageConfig(platform: platform)
        config.diffIDs = [.sha256(of: layer)]
        config.config.labels = ["made.by": "swbuild"]
        config.history = [HistoryEntry(created: Timestamp(seconds: 0), createdBy: "test")]
        return config.encoded()
    }

    var configDescriptor: Descriptor {
        Descriptor(mediaType: MediaType.ociConfig, digest: .sha256(of: config), size: Int64(config.count))
    }

    var manifest: [UInt8] { Manifest(config: configDescriptor, layers: [layerDescriptor]).encoded() }

    /// Pushes blobs and manifest; returns how the layer came there.
    @discardableResult
    func push(
        _ client: RegistryClient,
        to reference: ImageReference,
        sibling: ImageReference? = nil
    ) async throws
        -> (manifest: Descriptor, layer: BlobPush)
    {
        let file = try FileDescriptor.inMemory()
        try file.writeAll(layer)
        let pushed = try await client.pushBlob(
            layerDescriptor,
            to: reference,
            from: UploadSource(file),
            sibling: sibling
        )
        try await client.pushBlob(configDescriptor, to: reference, from: UploadSource(config))
        let manifest = try await client.pushManifest(manifest, mediaType: MediaType.ociManifest, to: reference)
        return (manifest, pushed)
    }
}

/// Reads a blob to its end.
func read(_ blob: BlobDownload) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in blob {
        chunk.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
}
