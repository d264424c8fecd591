import LinuxSystem
import OCI

/// Compresses what is written, on several threads, into bytes that do not depend on how many there are.
///
/// gzip is a sequence of members of 1 MiB, zstd one of frames of 4 MiB; nothing gives one empty member or frame.
package struct CompressingSink<Base: ByteSink & ~Copyable>: ByteSink, ~Copyable {
    private var base: Base
    private var encoder: Encoder?
    private var block: [UInt8] = []
    private var blocks = 0

    private struct Encoder {
        var format: BlockFormat
        var engine: Engine
    }

    private enum Engine {
        case here(BlockCodec)
        case pool(CompressionPool)
    }

    /// Compresses into `base`.
    ///
    /// Levels (default 6 for gzip, 3 for zstd) outside of the library's range are moved into it.
    package init(
        _ base: consuming Base,
        compression: LayerCompression,
        level: Int? = nil,
        threads: Int = onlineProcessors
    ) throws {
        self.base = base
        let format: BlockFormat
        switch compression {
        case .uncompressed: return
        case .gzip: format = .gzip
        case .zstd: format = .zstd
        }
        let level = format.clampedLevel(level)
        let engine: Engine =
            threads > 1
            ? .pool(try CompressionPool(format, level: level, threads: threads))
            : .here(try BlockCodec(format, level: level))
        encoder = Encoder(format: format, engine: engine)
        block.reserveCapacity(format.blockSize)
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let encoder else { return try base.write(bytes) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(encoder.format.blockSize - block.count)
            block.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece))
            rest = rest.dropFirst(piece.count)
            if block.count == encoder.format.blockSize { try endBlock(encoder) }
        }
    }

    /// Compresses and writes what is pending, and gives the sink behind back.
    package consuming func finish() throws -> Base {
        guard let encoder else { return base }
        if !block.isEmpty || blocks == 0 { try endBlock(encoder) }
        if case .pool(let pool) = encoder.engine {
            while !pool.isDrained { try base.write(try pool.next()) }
        }
        return base
    }

    private mutating func endBlock(_ encoder: Encoder) throws {
        var full: [UInt8] = []
        swap(&full, &block)
        blocks += 1
        switch encoder.engine {
        case .here(let codec):
            try base.write(try codec.compress(full))
            swap(&full, &block)
            block.removeAll(keepingCapacity: true)
        case .pool(let pool):
            block.reserveCapacity(encoder.format.blockSize)
            while pool.isFull { try base.write(try pool.next()) }
            pool.submit(full)
        }
    }
}
