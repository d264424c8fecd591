import CDeflate
import CZstd

/// Compresses one block at a time into a gzip member or a zstd frame that stands alone.
///
/// The bytes depend on the block and the level only. A codec belongs to one thread.
final class BlockCodec {
    private let compressor: Compressor
    private let level: Int

    private enum Compressor {
        case gzip(OpaquePointer)
        case zstd(OpaquePointer)
    }

    init(_ format: BlockFormat, level: Int) throws(ArchiveError) {
        self.level = level
        switch format {
        case .gzip:
            guard let compressor = libdeflate_alloc_compressor(Int32(level)) else { throw .outOfMemory(format: "gzip") }
            self.compressor = .gzip(compressor)
        case .zstd:
            guard let context = ZSTD_createCCtx() else { throw .outOfMemory(format: "zstd") }
            compressor = .zstd(context)
        }
    }

    deinit {
        switch compressor {
        case .gzip(let compressor): libdeflate_free_compressor(compressor)
        case .zstd(let context): ZSTD_freeCCtx(context)
        }
    }

    func compress(_ block: [UInt8]) throws(ArchiveError) -> [UInt8] {
        switch compressor {
        case .gzip(let compressor): try deflate(block, with: compressor)
        case .zstd(let context): try zstd(block, with: context)
        }
    }

    private func deflate(_ block: [UInt8], with compressor: OpaquePointer) throws(ArchiveError) -> [UInt8] {
        let bound = libdeflate_gzip_compress_bound(compressor, block.count)
        var member = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            count = libdeflate_gzip_compress(compressor, block, block.count, target.baseAddress, target.count)
        }
        guard member.count > 9 else { throw .outOfMemory(format: "gzip") }
        // RFC 1952 XFL: libdeflate tells the level there; our header is always the same.
        member[8] = 0
        return member
    }

    private func zstd(_ block: [UInt8], with context: OpaquePointer) throws(ArchiveError) -> [UInt8] {
        var result = 0
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(block.count)) { target, count in
            result = ZSTD_compressCCtx(
                context,
                target.baseAddress,
                target.count,
                block,
                block.count,
                Int32(level)
            )
            count = ZSTD_isError(result) != 0 ? 0 : result
        }
        guard ZSTD_isError(result) == 0 else {
            throw .corrupt(format: "zstd", detail: String(cString: ZSTD_getErrorName(result)))
        }
        return frame
    }
}

/// The formats that are written, with what fixes their bytes.
enum BlockFormat: Hashable, Sendable {
    case gzip
    case zstd

    /// Bytes of input in each block; a part of the format, since digests depend on it.
    var blockSize: Int {
        switch self {
        case .gzip: 1 << 20
        case .zstd: 4 << 20
        }
    }

    /// The default, and what the library accepts.
    func clampedLevel(_ level: Int?) -> Int {
        switch self {
        case .gzip: min(max(level ?? 6, 0), 12)
        case .zstd: min(max(level ?? 3, 1), Int(ZSTD_maxCLevel()))
        }
    }
}
