import CZlib

/// Inflates gzip members (RFC 1952) one after the other, as `gzip -d` and Go do.
final class GzipDecoder: StreamDecoder {
    private var stream = z_stream()
    private var insideMember = false
    private var members = 0
    static let format = "gzip"

    init() throws(ArchiveError) {
        // 16 asks for the gzip wrapper alone: a zlib header is not taken for one.
        let code = inflateInit2_(
            &stream,
            15 + 16,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard code == Z_OK else { throw .outOfMemory(format: Self.format) }
    }

    deinit {
        inflateEnd(&stream)
    }

    var isBetweenFrames: Bool { !insideMember }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> DecodedCounts {
        if !insideMember {
            // Every member begins with 1f 8b; after the first one anything else is garbage.
            guard members == 0 || input.first == 0x1f else {
                throw ArchiveError.trailingGarbage(format: Self.format)
            }
            insideMember = true
            members += 1
            inflateReset(&stream)
        }
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(clamping: output.count)
        let room = stream.avail_out
        let code = inflate(&stream, Z_NO_FLUSH)
        let counts = DecodedCounts(consumed: input.count - Int(stream.avail_in), produced: Int(room - stream.avail_out))
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: insideMember = false
        default:
            let detail = stream.msg.map { String(cString: $0) } ?? "invalid data"
            throw ArchiveError.corrupt(format: Self.format, detail: detail)
        }
        return counts
    }
}
