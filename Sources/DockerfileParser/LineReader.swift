/// The physical lines of a file, each with its line ending, counted.
struct LineReader {
    /// The longest line that is read, in bytes, without its line feed.
    static let maximumLength = 65535

    private let bytes: [UInt8]
    private var position: Int
    /// The number of the line read last; 0 before the first.
    private(set) var lineNumber = 0

    /// Starts after a byte order mark, if there is one.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next line with its line feed, or nil at the end.
    mutating func next() throws(ParseError) -> ArraySlice<UInt8>? {
        guard position < bytes.count else { return nil }
        lineNumber += 1
        let feed = bytes[position...].firstIndex(of: ASCII.lineFeed) ?? bytes.count
        guard feed - position <= Self.maximumLength else {
            throw ParseError(
                "dockerfile line greater than max allowed size of \(Self.maximumLength)",
                range: SourceRange(line: lineNumber)
            )
        }
        let line = bytes[position..<min(feed + 1, bytes.count)]
        position = line.endIndex
        return line
    }
}
