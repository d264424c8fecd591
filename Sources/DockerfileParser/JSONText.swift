/// A JSON value, as far as Dockerfiles care: strings, what holds them, and the rest.
indirect enum JSONValue: Hashable {
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
    /// A number, `true`, `false` or `null`.
    case other
}

/// A strict JSON reader that takes a whole text or nothing.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    /// Deeper nesting than this is refused, so that no text exhausts the stack.
    private static let maximumDepth = 200

    /// The value that the whole text is, or nil where it is not JSON.
    static func value(of bytes: ArraySlice<UInt8>) -> JSONValue? {
        var reader = JSONReader(bytes: bytes, position: bytes.startIndex)
        guard let value = reader.readValue(depth: 0) else { return nil }
        reader.skipSpace()
        return reader.position == bytes.endIndex ? value : nil
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func readValue(depth: Int) -> JSONValue? {
        guard depth < Self.maximumDepth else { return nil }
        skipSpace()
        switch current {
        case ASCII.doubleQuote: return readString().map { .string($0) }
        case ASCII.openBracket: return readArray(depth: depth)
        case ASCII.openBrace: return readObject(depth: depth)
        default: return readLiteral() || readNumber() ? .other : nil
        }
    }

    private mutating func readArray(depth: Int) -> JSONValue? {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take(ASCII.closeBracket) { return .array([]) }
        repeat {
            guard let element = readValue(depth: depth + 1) else { return nil }
            elements.append(element)
            skipSpace()
        } while take(ASCII.comma)
        return take(ASCII.closeBracket) ? .array(elements) : nil
    }

    private mutating func readObject(depth: Int) -> JSONValue? {
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(ASCII.closeBrace) { return .object([:]) }
        repeat {
            skipSpace()
            guard current == ASCII.doubleQuote, let key = readString() else { return nil }
            skipSpace()
            guard take(ASCII.colon), let value = readValue(depth: depth + 1) else { return nil }
            members[key] = value
            skipSpace()
        } while take(ASCII.comma)
        return take(ASCII.closeBrace) ? .object(members) : nil
    }

    private mutating func readLiteral() -> Bool {
        for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return true
        }
        return false
    }

    private mutating func readNumber() -> Bool {
        _ = take(ASCII.dash)
        if !take(UInt8(ascii: "0")) {
            guard skipDigits() else { return false }
        }
        if take(UInt8(ascii: ".")) {
            guard skipDigits() else { return false }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(ASCII.dash)
            guard skipDigits() else { return false }
        }
        return true
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = current, ASCII.isDigit(byte) { position += 1 }
        return position > start
    }

    private mutating func readString() -> String? {
        position += 1
        var result: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case ASCII.doubleQuote: return result.text
            case ASCII.backslash:
                guard let scalar = readEscape() else { return nil }
                result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            case ..<0x20: return nil
            default: result.append(byte)
            }
        }
        return nil
    }

    private mutating func readEscape() -> Unicode.Scalar? {
        guard let byte = current else { return nil }
        position += 1
        switch byte {
        case ASCII.doubleQuote, ASCII.backslash, ASCII.slash: return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return readUnicodeEscape()
        default: return nil
        }
    }

    /// The scalar of `\uXXXX`, of a pair of surrogates, or U+FFFD for a lone one.
    private mutating func readUnicodeEscape() -> Unicode.Scalar? {
        guard let high = readHexadecimal() else { return nil }
        if let scalar = Unicode.Scalar(high) { return scalar }
        let afterHigh = position
        guard high < 0xDC00, take(ASCII.backslash), take(UInt8(ascii: "u")), let low = readHexadecimal(),
            0xDC00..<0xE000 ~= low
        else {
            position = afterHigh
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    private mutating func readHexadecimal() -> UInt32? {
        guard position + 4 <= bytes.endIndex else { return nil }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
