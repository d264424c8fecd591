/// The bytes with a meaning in Dockerfiles.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let bang = UInt8(ascii: "!")
    static let doubleQuote = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let dollar = UInt8(ascii: "$")
    static let percent = UInt8(ascii: "%")
    static let singleQuote = UInt8(ascii: "'")
    static let star = UInt8(ascii: "*")
    static let comma = UInt8(ascii: ",")
    static let dash = UInt8(ascii: "-")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let less = UInt8(ascii: "<")
    static let equals = UInt8(ascii: "=")
    static let question = UInt8(ascii: "?")
    static let openBracket = UInt8(ascii: "[")
    static let backslash = UInt8(ascii: "\\")
    static let closeBracket = UInt8(ascii: "]")
    static let caret = UInt8(ascii: "^")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// The blanks between an instruction's words: `[\t\v\f\r ]`, no line feed.
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || (byte >= 0x09 && byte <= 0x0D && byte != lineFeed) }
}

extension ArraySlice<UInt8> {
    /// The scalar that begins at `index` and its length in bytes; a wrong byte is U+FFFD of length 1.
    func scalar(at index: Int) -> (value: Unicode.Scalar, length: Int) {
        let lead = self[index]
        guard lead >= 0x80 else { return (Unicode.Scalar(lead), 1) }
        var iterator = self[index...].prefix(4).makeIterator()
        var codec = Unicode.UTF8()
        guard case .scalarValue(let value) = codec.decode(&iterator) else { return ("\u{FFFD}", 1) }
        return (value, Unicode.UTF8.width(value))
    }

    /// The length in bytes of the white space character at `index`, 0 where another one stands there.
    func whiteSpaceLength(at index: Int) -> Int {
        let byte = self[index]
        if byte < 0x80 { return byte == ASCII.space || (byte >= 0x09 && byte <= 0x0D) ? 1 : 0 }
        let (value, length) = scalar(at: index)
        return value.properties.isWhitespace ? length : 0
    }

    /// Without white space (Unicode's) at the front.
    func trimmingLeadingWhiteSpace() -> ArraySlice<UInt8> {
        var start = startIndex
        while start < endIndex {
            let length = whiteSpaceLength(at: start)
            if length == 0 { break }
            start += length
        }
        return self[start...]
    }

    /// Without white space (Unicode's) at both ends.
    func trimmingWhiteSpace() -> ArraySlice<UInt8> {
        let slice = trimmingLeadingWhiteSpace()
        var end = slice.endIndex
        while end > slice.startIndex {
            var lead = end - 1
            while lead > slice.startIndex && slice[lead] & 0xC0 == 0x80 { lead -= 1 }
            guard slice[..<end].whiteSpaceLength(at: lead) == end - lead else { break }
            end = lead
        }
        return slice[..<end]
    }

    /// Without line feeds and carriage returns at the end.
    func trimmingLineEnd() -> ArraySlice<UInt8> {
        var end = endIndex
        while end > startIndex && (self[end - 1] == ASCII.lineFeed || self[end - 1] == ASCII.carriageReturn) {
            end -= 1
        }
        return self[..<end]
    }

    /// The words between runs of blanks; none for an empty text.
    func splitAtBlanks() -> [String] {
        split(whereSeparator: ASCII.isBlank).map(\.text)
    }

    /// Decoded as UTF-8, wrong bytes as U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension [UInt8] {
    /// Decoded as UTF-8, wrong bytes as U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension String {
    /// Without white space (Unicode's) at both ends.
    var trimmed: String { Array(utf8)[...].trimmingWhiteSpace().text }

    /// Split at the first `separator`, or nil where there is none.
    func cut(at separator: Character) -> (before: String, after: String)? {
        guard let separator = separator.asciiValue, let index = utf8.firstIndex(of: separator) else { return nil }
        return (String(self[..<index]), String(self[utf8.index(after: index)...]))
    }
}
