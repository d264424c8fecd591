import Archive
import LinuxSystem
import OCI
import Storage

/// Finds or makes the blobs of a snapshot's layers.
///
/// A layer is written only when an output needs it, and once for each encoding; a layer of a base image keeps the blob
/// that it came with unless compression is forced (spec/04 §4.4).
package struct LayerBlobs: Sendable {
    package let cache: CacheDirectory
    package let compression: LayerCompression
    /// The library's default where nil.
    package let level: Int?
    /// Whether blobs of base images are made anew in `compression`.
    package let isForced: Bool
    package let ociMediaTypes: Bool
    /// Unix seconds to which later times of entries are set (`rewrite-timestamp`).
    package let epoch: Int64?

    package init(
        cache: CacheDirectory,
        compression: LayerCompression,
        level: Int?,
        isForced: Bool,
        ociMediaTypes: Bool,
        epoch: Int64?
    ) {
        self.cache = cache
        self.compression = compression
        self.level = level
        self.isForced = isForced
        self.ociMediaTypes = ociMediaTypes
        self.epoch = epoch
    }

    /// The layers of `snapshot`, lowest first, all of them in the content store; blocks for as long as they are made.
    package func layers(of snapshot: Snapshot, cancellation: CancellationFlag) throws -> [ExportedLayer] {
        try snapshot.layers.indices.map { index in
            let part = Snapshot(layers: Array(snapshot.layers[...index]))
            return try original(part) ?? made(part, cancellation)
        }
    }

    /// The layers of `snapshot` where all of them have blobs in the content store; nil where one has none.
    package func existing(of snapshot: Snapshot) throws -> [ExportedLayer]? {
        var layers: [ExportedLayer] = []
        for index in snapshot.layers.indices {
            let part = Snapshot(layers: Array(snapshot.layers[...index]))
            guard let layer = try original(part) ?? present(part) else { return nil }
            layers.append(layer)
        }
        return layers
    }

    /// The blob that the topmost layer came with; nil where it is not to be used or not there.
    private func original(_ snapshot: Snapshot) throws -> ExportedLayer? {
        let known = try cache.database.layerBlobs(of: snapshot)
        for candidate in LayerCompression.allCases where !isForced || candidate == compression {
            guard let blob = known[LayerEncoding.original(candidate).name], try cache.content.contains(blob.digest)
            else {
                continue
            }
            return exported(blob, candidate, created: nil)
        }
        return nil
    }

    private func made(_ snapshot: Snapshot, _ cancellation: CancellationFlag) throws -> ExportedLayer {
        if let layer = try present(snapshot) { return layer }
        let blob = try write(snapshot, cancellation)
        try cache.database.setLayerBlob(blob, of: snapshot, encoding: encoding)
        return exported(blob, compression, created: try time(of: snapshot))
    }

    /// The blob that was made of the topmost layer before; nil where there is none.
    private func present(_ snapshot: Snapshot) throws -> ExportedLayer? {
        guard let blob = try cache.database.layerBlob(of: snapshot, encoding: encoding),
            try cache.content.contains(blob.digest)
        else { return nil }
        return exported(blob, compression, created: try time(of: snapshot))
    }

    private var encoding: String { LayerEncoding.made(compression, level: level, epoch: epoch).name }

    private func time(of snapshot: Snapshot) throws -> Timestamp {
        let created = try snapshot.layers.last.flatMap { try cache.database.layer($0) }?.createdAt
        return Timestamp(seconds: created ?? FileTime.now.seconds, nanoseconds: 0)
    }

    /// Writes the topmost layer as an archive into the content store.
    private func write(_ snapshot: Snapshot, _ cancellation: CancellationFlag) throws -> LayerBlob {
        guard let top = snapshot.layers.last else { throw StorageError.abandoned }
        let parent = Snapshot(layers: snapshot.layers.dropLast())
        let below = parent.isEmpty ? nil : SharedDirectory(try cache.snapshots.mountReadOnly(parent).root.duplicate())
        let diff = try LayerDiff(
            upper: try cache.snapshots.open(top),
            parent: below,
            marks: cache.snapshots.kind.marks,
            rewriteTimestamp: epoch,
            cancellation: cancellation
        )
        let compressed = try CompressingSink(cache.content.makeWriter(), compression: compression, level: level)
        var archive = TarWriter(HashingSink(compressed))
        try diff.write(to: &archive)
        let hashing = try archive.finish()
        let diffID = hashing.digest
        let info = try hashing.release().finish().commit()
        return LayerBlob(digest: info.digest, size: info.size, diffID: diffID)
    }

    private func exported(_ blob: LayerBlob, _ compression: LayerCompression, created: Timestamp?) -> ExportedLayer {
        let descriptor = Descriptor(
            mediaType: MediaType.layer(compression, oci: ociMediaTypes),
            digest: blob.digest,
            size: blob.size
        )
        return ExportedLayer(descriptor: descriptor, diffID: blob.diffID, created: created)
    }
}
