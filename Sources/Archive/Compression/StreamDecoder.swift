/// How far one step of a decoder came.
struct DecodedCounts: Hashable {
    var consumed: Int
    var produced: Int
}

/// A decompressor that is handed its input piece by piece.
protocol StreamDecoder: AnyObject {
    /// The name used in errors.
    static var format: String { get }

    /// Whether everything that was begun is complete, so that the input may end here.
    var isBetweenFrames: Bool { get }

    /// Decodes a part of `input`; both counts are 0 only where more input is needed.
    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> DecodedCounts
}

extension StreamDecoder {
    /// Decodes from `input` until there is output; 0 at a proper end of the input.
    func read(from input: BufferedInput, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let bytes = try input.available()
            if bytes.isEmpty, isBetweenFrames { return 0 }
            let counts = try decode(bytes, into: output)
            input.consume(counts.consumed)
            if counts.produced > 0 { return counts.produced }
            if bytes.isEmpty { throw ArchiveError.truncated(format: Self.format) }
        }
    }
}
