import OCI

/// Reads a compressed stream as what it holds.
///
/// Several gzip members, zstd frames, xz or bzip2 streams in a row are one stream. Input that stops early, and bytes after
/// the end, are errors, the latter at the read that would have returned 0. How much may come out is for the caller to bound.
package struct DecompressingSource: ByteSource, ~Copyable {
    /// What the input is compressed with.
    package let format: CompressionFormat
    private let input: BufferedInput
    private let codec: Codec

    private enum Codec {
        case copy
        case decode(any StreamDecoder)
        case filter(LibarchiveFilter)
    }

    /// Reads `base` as `format`; nil: as what its first bytes say.
    package init<Base: ByteSource & ~Copyable>(_ base: consuming Base, format: CompressionFormat? = nil) throws {
        let input = BufferedInput(base)
        let prefix = try input.peek(CompressionFormat.sniffedCount)
        let format = format ?? CompressionFormat(sniffing: prefix)
        if prefix.isEmpty, format != .uncompressed { throw ArchiveError.truncated(format: format.rawValue) }
        let codec: Codec =
            switch format {
            case .uncompressed: .copy
            case .gzip: .decode(try GzipDecoder())
            case .zstd: .decode(try ZstdDecoder())
            case .xz, .bzip2: .filter(try LibarchiveFilter(input, format: format))
            }
        self.input = input
        self.format = format
        self.codec = codec
    }

    /// Reads a layer whose media type says `compression`.
    package init<Base: ByteSource & ~Copyable>(_ base: consuming Base, layer compression: LayerCompression) throws {
        try self.init(base, format: CompressionFormat(compression))
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        switch codec {
        case .copy: try input.read(into: buffer)
        case .decode(let decoder): try decoder.read(from: input, into: buffer)
        case .filter(let filter): try filter.read(into: buffer)
        }
    }
}
