/// Splits what a process writes into lines, each with the time of its first byte in front.
struct LogLines {
    /// A line is cut after so many bytes, so that output without newlines stays bounded.
    static let longestLine = 64 << 10

    /// The beginning of a line whose end has not come yet.
    private(set) var partial: [UInt8]?

    /// Returns the lines that `bytes` complete.
    ///
    /// A line that is begun already goes on, whichever stream it is from.
    mutating func append(_ bytes: [UInt8], time: String) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            var line = partial ?? Array("\(time) ".utf8)
            partial = nil
            let room = max(1, Self.longestLine - line.count)
            let piece = rest.prefix(room)
            if let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                rest = rest[(end + 1)...]
                lines.append(line)
            } else {
                line += piece
                rest = rest.dropFirst(piece.count)
                if line.count >= Self.longestLine {
                    lines.append(line)
                } else {
                    partial = line
                }
            }
        }
        return lines
    }
}

/// The last lines of a log, for the block that tells of a failure.
struct LogTail {
    static let count = 10

    private var lines: [[UInt8]] = []
    private var splitter = LogLines()

    mutating func append(_ bytes: [UInt8], time: String) {
        lines += splitter.append(bytes, time: time)
        lines.removeFirst(max(0, lines.count - Self.count))
    }

    /// At most ten lines, the one that is not complete among them.
    var last: [[UInt8]] {
        (lines + [splitter.partial].compactMap(\.self)).suffix(Self.count)
    }
}
