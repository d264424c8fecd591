import CZstd

/// Decompresses zstd frames (RFC 8878) one after the other; skippable frames give nothing.
final class ZstdDecoder: StreamDecoder {
    private let context: OpaquePointer
    private var pending = 0
    static let format = "zstd"

    init() throws(ArchiveError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory(format: Self.format) }
        self.context = context
        // 128 MiB: what every decoder must accept, and no more for a hostile header to allocate.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    var isBetweenFrames: Bool { pending == 0 }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> DecodedCounts {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        if ZSTD_isError(result) != 0 {
            throw ArchiveError.corrupt(
                format: Self.format,
                detail: String(cString: ZSTD_getErrorName(result)).lowercased()
            )
        }
        pending = result
        return DecodedCounts(consumed: source.pos, produced: target.pos)
    }
}
