import Archive
import LinuxSystem
import OCI
import Storage

/// Writes a cache mount as an archive: names below its root, with owners, times, links and attributes.
package struct CacheMountExporter: Sendable {
    private let cache: CacheDirectory
    private let volume: CacheVolume
    private let compression: LayerCompression
    /// Called once where steps use the volume and must end first.
    private let onWait: @Sendable () -> Void

    package init(
        _ volume: CacheVolume,
        of cache: CacheDirectory,
        compression: LayerCompression,
        onWait: @escaping @Sendable () -> Void = {}
    ) {
        self.cache = cache
        self.volume = volume
        self.compression = compression
        self.onWait = onWait
    }

    /// How a file of this name is compressed: `.gz`, `.tgz`, `.zst`, `.tzst`, else not at all.
    package static func compression(named name: String) -> LayerCompression {
        switch name.split(separator: ".").last {
        case "gz", "tgz": .gzip
        case "zst", "zstd", "tzst": .zstd
        default: .uncompressed
        }
    }

    /// Writes to a file, which appears when it is complete, or to what streams.
    package func export(to destination: OutputFile.Destination, cancellation: CancellationFlag? = nil) throws {
        try destination.naming {
            let output = try OutputFile(destination)
            let sink = FileSink(try output.descriptor.duplicate())
            _ = try write(to: CompressingSink(sink, compression: compression), cancellation).finish().finish()
            try output.finish()
        }
    }

    /// Writes to the content store; gives the layer that the archive is.
    package func blob(cancellation: CancellationFlag? = nil) throws -> Descriptor {
        let sink = try CompressingSink(cache.content.makeWriter(), compression: compression)
        let blob = try write(to: sink, cancellation).finish().commit()
        let mediaType = MediaType.layer(compression, oci: true)
        return Descriptor(mediaType: mediaType, digest: blob.digest, size: blob.size)
    }

    /// Writes the archive, while no step uses the volume, and gives the sink back.
    private func write<Sink: ByteSink & ~Copyable>(
        to sink: consuming Sink,
        _ cancellation: CancellationFlag?
    ) throws -> Sink {
        var writer = TarWriter(sink)
        let options = TreeOptions(keepsFractions: true)
        let snapshots = cache.snapshots
        try cache.mounts.withVolume(volume, cancellation: cancellation, onWait: onWait) { path in
            let root = try snapshots.openVolume(path)
            try writeTree(root, to: &writer, options: options, cancellation: cancellation)
        }
        return try writer.finish()
    }
}
