import BuildProgress
import Exporters
import LinuxSystem
import OCI
import Operations
import Registry
import Storage

/// Writes the cache mounts that the steps of a build have used to where they are kept for later builds elsewhere.
struct CacheMountExports: Sendable {
    let places: [(id: String, place: CacheMountPlace)]
    let context: OperationContext
    let progress: ProgressStream

    /// Writes all of them, one after the other.
    ///
    /// One that no step has used stays where it is as it was.
    func run() async throws {
        for (id, place) in places {
            guard let volume = try context.cache.mounts.used(id, scope: context.scope) else { continue }
            try await progress.vertex("exporting cache mount \(id) to \(place)") { vertex in
                switch place {
                case .file(let path): try await write(volume, to: path)
                case .registry(let reference): try await push(volume, to: reference, vertex)
                }
            }
        }
    }

    private func write(_ volume: CacheVolume, to path: String) async throws {
        let compression = CacheMountExporter.compression(named: path)
        let exporter = CacheMountExporter(volume, of: context.cache, compression: compression)
        try await BlockingThread.run("export volume") { try exporter.export(to: .path(path), cancellation: $0) }
    }

    private func push(_ volume: CacheVolume, to reference: ImageReference, _ vertex: VertexProgress) async throws {
        let exporter = CacheMountExporter(volume, of: context.cache, compression: .zstd)
        let layer = try await vertex.status("preparing archive") {
            try await BlockingThread.run("export volume") { try exporter.blob(cancellation: $0) }
        }
        // The volume itself is here: its archive is of no more use.
        defer { try? context.cache.discard(layer.digest) }
        let empty = Array("{}".utf8)
        let config = Descriptor(mediaType: MediaType.ociEmpty, digest: .sha256(of: empty), size: Int64(empty.count))
        let manifest = Manifest(
            artifactType: CacheMountPlace.artifactType,
            config: config,
            layers: [layer],
            annotations: ["org.opencontainers.image.title": volume.id]
        )
        try await vertex.status("pushing \(layer.digest)") {
            do {
                try await context.push(layer, to: reference)
            } catch {
                try Task.checkCancellation()
                throw CacheExportError(item: "layer \(layer.digest)", destination: "\(reference)", cause: error)
            }
            try await context.registry.pushBlob(config, to: reference, from: UploadSource(empty))
        }
        _ = try await vertex.status("pushing manifest for \(reference)") {
            try await context.registry.pushManifest(
                manifest.encoded(),
                mediaType: MediaType.ociManifest,
                to: reference
            )
        }
    }
}
