import Archive
import BuildProgress
import LinuxSystem
import OCI
import Storage

/// Brings an image's layers into the cache as snapshots: fetched and unpacked at the same time, several at once.
struct ImagePuller: Sendable {
    /// Where blobs come from.
    enum Origin: Sendable {
        case registry(ImageReference)
        case layout(Path)
    }

    /// How many layers are fetched and unpacked at once.
    private static let parallelism = 4

    let context: OperationContext
    let origin: Origin
    let progress: VertexProgress

    /// The snapshot of the image with the given manifest.
    func pull(_ digest: Digest) async throws -> Snapshot {
        let (manifest, config) = try context.images.documents(digest)
        guard manifest.layers.count == config.diffIDs.count else {
            throw OperationError.notAnImage(
                reference: digest.description,
                reason: "its manifest has \(manifest.layers.count) layers, its configuration \(config.diffIDs.count)"
            )
        }
        return try await pull(manifest.layers, diffIDs: config.diffIDs)
    }

    /// The snapshot of layers, lowest first, that are the given ones without compression.
    func pull(_ descriptors: [Descriptor], diffIDs: [Digest]) async throws -> Snapshot {
        let layers = ImageLayer.chain(descriptors, diffIDs: diffIDs, scope: context.scope)
        guard let top = layers.last else { return .empty }
        return try await context.cache.locks.withKey("image \(top.key)") {
            try await pull(layers)
        }
    }

    private func pull(_ layers: [ImageLayer]) async throws -> Snapshot {
        let snapshots = context.cache.snapshots
        var known: [LayerID?] = []
        for layer in layers { known.append(try snapshots.find(key: layer.key)) }
        let missing = layers.indices.filter { known[$0] == nil }
        let unpacked = try await unpack(missing.map { layers[$0] })
        var snapshot = Snapshot.empty
        for (index, layer) in layers.enumerated() {
            if let id = known[index] {
                snapshot = snapshot.appending(id)
                continue
            }
            guard let result = unpacked[layer.key] else { continue }
            snapshot = try await result.commit(layer, onto: snapshot, snapshots)
            try record(layer, of: snapshot)
        }
        return snapshot
    }

    /// Remembers which blob the topmost layer of a snapshot came from, so that an image that has it can name it.
    private func record(_ layer: ImageLayer, of snapshot: Snapshot) throws {
        let blob = LayerBlob(digest: layer.descriptor.digest, size: layer.descriptor.size, diffID: layer.diffID)
        let encoding = LayerEncoding.original(layer.compression ?? .uncompressed)
        try context.cache.database.setLayerBlob(blob, of: snapshot, encoding: encoding.name)
    }

    private func unpack(_ layers: [ImageLayer]) async throws -> [String: UnpackedLayer] {
        try await withThrowingTaskGroup(of: (String, UnpackedLayer).self) { group in
            var pending = layers[...]
            var results: [String: UnpackedLayer] = [:]
            for layer in pending.prefix(Self.parallelism) {
                group.addTask { (layer.key, try await fetch(layer)) }
            }
            pending = pending.dropFirst(Self.parallelism)
            while let (key, result) = try await group.next() {
                results[key] = result
                if let layer = pending.popFirst() {
                    group.addTask { (layer.key, try await fetch(layer)) }
                }
            }
            return results
        }
    }

    private func fetch(_ layer: ImageLayer) async throws -> UnpackedLayer {
        let store = context.cache.content
        let descriptor = layer.descriptor
        if try store.contains(descriptor.digest) {
            do {
                return try await extract(layer) { try store.reader(descriptor.digest, size: descriptor.size) }
            } catch {
                // One that is damaged is gone now, and is fetched again.
                guard try !store.isSound(descriptor.digest) else { throw error }
            }
        }
        if try !store.contains(descriptor.digest) {
            switch origin {
            case .registry(let reference): return try await download(layer, reference)
            case .layout(let path):
                try await BlockingThread.run("copy blob") { _ in
                    try OCILayout(path).copy(descriptor, into: store)
                }
            }
        }
        return try await extract(layer) { try store.reader(descriptor.digest, size: descriptor.size) }
    }

    /// Fetches a layer and unpacks it meanwhile; what was unpacked counts only once the digest is right.
    private func download(_ layer: ImageLayer, _ reference: ImageReference) async throws -> UnpackedLayer {
        let descriptor = layer.descriptor
        var writer = try context.cache.content.makeWriter(algorithm: descriptor.digest.algorithm)
        let growing = writer.growing
        async let unpacked = extract(layer) { try growing.makeReader() }
        let status = progress.status(descriptor.digest.description, total: descriptor.size)
        do {
            for try await chunk in context.registry.blob(descriptor, of: reference) {
                try chunk.withUnsafeBytes { try writer.write($0) }
                status.update(writer.count)
            }
            _ = try writer.commit(digest: descriptor.digest, size: descriptor.size)
        } catch {
            // The reader of a blob that stays incomplete ends with an error of its own.
            growing.fail(error)
            _ = try? await unpacked
            try Task.checkCancellation()
            throw LayerFailure(layer: descriptor.digest, cause: error)
        }
        status.complete()
        return try await unpacked
    }

    private func extract<Source: ByteSource & ~Copyable & SendableMetatype>(
        _ layer: ImageLayer,
        _ open: @escaping @Sendable () throws -> Source
    ) async throws -> UnpackedLayer {
        let snapshots = context.cache.snapshots
        let status = progress.status("extracting \(layer.descriptor.digest)")
        let result = try await BlockingThread.run("unpack") { flag in
            let active = try snapshots.prepare(parent: .empty)
            let unpacker = try LayerUnpacker(
                into: active.upper,
                ownership: .real,
                marks: active.marks,
                cancellation: flag
            )
            let report = try unpacker.unpack(
                try open(),
                format: layer.compression.map { CompressionFormat($0) },
                layer: layer.descriptor.digest.description
            )
            guard report.diffID == layer.diffID else {
                throw OperationError.digestMismatch(
                    expected: layer.diffID.description,
                    actual: report.diffID.description
                )
            }
            return UnpackedLayer(active, report.changes)
        }
        status.complete()
        return result
    }
}
