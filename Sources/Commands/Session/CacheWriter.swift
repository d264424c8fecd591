import BuildProgress
import Exporters
import LinuxSystem
import OCI
import Operations
import Registry
import Storage

/// Writes caches elsewhere after a build (spec/05 §5.5).
struct CacheWriter: Sendable {
    let context: OperationContext
    let entries: CacheEntries
    let progress: ProgressStream

    /// Writes to every destination but those inside of an image; a failure of one that ignores errors is a warning.
    func write(_ destinations: [CacheDestination]) async throws {
        for destination in destinations where destination.kind != .inline {
            try await progress.vertex("exporting cache to \(destination.title)") { vertex in
                do {
                    try await write(destination, vertex)
                } catch {
                    try Task.checkCancellation()
                    guard destination.ignoresErrors else { throw error }
                    vertex.warn(ProgressWarning(short: "\(error)"))
                }
            }
        }
    }

    private func write(_ destination: CacheDestination, _ vertex: VertexProgress) async throws {
        let blobs = LayerBlobs(
            cache: context.cache,
            compression: destination.image.compression,
            level: destination.image.compressionLevel,
            isForced: destination.image.forceCompression,
            ociMediaTypes: destination.image.ociMediaTypes,
            epoch: nil
        )
        let (entries, elsewhere) = try await vertex.status("preparing build cache for export") {
            try await BlockingThread.run("cache") { flag in
                try self.entries.withLayers(blobs, keepsAll: destination.keepsAll, flag)
            }
        }
        var options = CacheManifest.Options()
        options.ociMediaTypes = destination.image.ociMediaTypes
        options.isImageManifest = destination.isImageManifest
        guard let manifest = CacheManifest(entries, options) else {
            vertex.status("skipping cache export for empty result").complete()
            return
        }
        try await vertex.status("sending cache export") {
            switch destination.kind {
            case .registry(let reference): try await push(manifest, to: reference, elsewhere, vertex)
            case .directory(let path, let tag, let resets):
                try await write(manifest, path, tag, resets: resets, elsewhere, vertex)
            case .inline: break
            }
        }
    }

    private func push(
        _ manifest: CacheManifest,
        to reference: ImageReference,
        _ elsewhere: CacheEntries.Elsewhere,
        _ vertex: VertexProgress
    ) async throws {
        for layer in manifest.layers {
            try await vertex.status("writing layer \(layer.digest)") {
                try await naming("layer \(layer.digest)", reference) {
                    if let origin = elsewhere[layer.digest] {
                        if try await context.registry.hasBlob(layer.digest, in: reference) { return }
                        try await ImportedBlobs(context).fetch(layer, of: origin)
                    }
                    try await context.push(layer, to: reference)
                }
            }
        }
        let (config, root) = (manifest.config, manifest.root)
        try await vertex.status("writing config \(config.descriptor.digest)") {
            try await naming("config \(config.descriptor.digest)", reference) {
                let source = UploadSource(config.bytes)
                _ = try await context.registry.pushBlob(config.descriptor, to: reference, from: source)
            }
        }
        try await vertex.status(Self.title(of: manifest)) {
            try await naming("manifest \(root.descriptor.digest)", reference) {
                let type = root.descriptor.mediaType
                _ = try await context.registry.pushManifest(root.bytes, mediaType: type, to: reference)
            }
        }
    }

    /// Runs `body`, whose errors get the name of what it writes.
    private func naming(
        _ item: String,
        _ destination: some CustomStringConvertible,
        _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch {
            try Task.checkCancellation()
            let remedy = "with `ignore-error=true` the build succeeds without its cache"
            throw CacheExportError(item: item, destination: "\(destination)", cause: error, remedy: remedy)
        }
    }

    private func write(
        _ manifest: CacheManifest,
        _ path: String,
        _ tag: String,
        resets: Bool,
        _ elsewhere: CacheEntries.Elsewhere,
        _ vertex: VertexProgress
    ) async throws {
        for layer in manifest.layers {
            guard let origin = elsewhere[layer.digest] else { continue }
            try await naming("layer \(layer.digest)", path) {
                try await ImportedBlobs(context).fetch(layer, of: origin)
            }
        }
        let exporter = CacheDirectoryExporter(
            store: context.cache.content,
            path: Path(path),
            tag: tag,
            resets: resets
        )
        try await BlockingThread.run("cache") { try exporter.export(manifest, cancellation: $0) }
        for layer in manifest.layers { vertex.status("writing layer \(layer.digest)").complete() }
        vertex.status("writing config \(manifest.config.descriptor.digest)").complete()
        vertex.status(Self.title(of: manifest)).complete()
    }

    private static func title(of manifest: CacheManifest) -> String {
        let root = manifest.root.descriptor
        return MediaType.isIndex(root.mediaType)
            ? "writing cache manifest \(root.digest)" : "writing cache image manifest \(root.digest)"
    }
}

extension CacheDestination {
    fileprivate var title: String {
        switch kind {
        case .directory: "client directory"
        case .registry, .inline: kind.name
        }
    }
}
