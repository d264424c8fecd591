extension WordLexer {
    /// Reads `$name` or `${…}`; a `$` in front of anything else is itself.
    mutating func readDollar() throws(ParseError) -> [UInt8] {
        position += 1
        guard current == ASCII.openBrace else {
            let name = readName()
            guard !name.isEmpty else { return [ASCII.dollar] }
            let value = value(of: name)
            if value == nil && options.contains(.keepsUnset) { return Array("$\(name)".utf8) }
            return Array((value ?? "").utf8)
        }
        position += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw ParseError("syntax error: substitutions nested too deeply") }
        switch current {
        case nil: throw ParseError("syntax error: missing '}'")
        case ASCII.openBrace, ASCII.closeBrace, ASCII.colon: throw ParseError("syntax error: bad substitution")
        default: return try readSubstitution(of: readName())
        }
    }

    /// Reads what follows the name in `${name…}`.
    private mutating func readSubstitution(of name: String) throws(ParseError) -> [UInt8] {
        guard let sign = takeScalar(), let operation = sign.first else { throw unsupported("\u{FFFD}") }
        switch operation {
        case ASCII.closeBrace:
            let value = value(of: name)
            if value == nil && options.contains(.keepsUnset) { return Array("${\(name)}".utf8) }
            return Array((value ?? "").utf8)
        case ASCII.colon:
            let modifier = takeScalar()
            let text = try readWord(until: ASCII.closeBrace, keepingEscapes: false, missing: "'}'")
            let written = ":" + (modifier?.text ?? "\u{FFFD}")
            guard let modifier = modifier?.first, [ASCII.dash, UInt8(ascii: "+"), ASCII.question].contains(modifier)
            else { throw unsupported(written) }
            return try substitute(name, modifier: modifier, emptyIsUnset: true, word: text)
        case ASCII.dash, UInt8(ascii: "+"), ASCII.question:
            let text = try readWord(until: ASCII.closeBrace, keepingEscapes: false, missing: "'}'")
            return try substitute(name, modifier: operation, emptyIsUnset: false, word: text)
        case ASCII.hash, ASCII.percent:
            let text = try readWord(until: ASCII.closeBrace, keepingEscapes: true, missing: "'}'")
            return try strip(name, operation: operation, word: text)
        case ASCII.slash:
            return try replace(name)
        default:
            throw unsupported(sign.text)
        }
    }

    private func unsupported(_ modifier: String) -> ParseError {
        ParseError("unsupported modifier (\(modifier)) in substitution")
    }

    /// Reads the text of a modifier; any error at the end of the word means that `missing` is missing.
    private mutating func readWord(
        until stop: UInt8,
        keepingEscapes: Bool,
        missing: String
    ) throws(ParseError) -> [UInt8] {
        do throws(ParseError) {
            return try scan(until: stop, keepingEscapes: keepingEscapes).bytes
        } catch {
            if position >= bytes.count { throw ParseError("syntax error: missing \(missing)") }
            throw error
        }
    }

    /// `-`, `+` and `?`, with or without a colon.
    private mutating func substitute(
        _ name: String,
        modifier: UInt8,
        emptyIsUnset: Bool,
        word: [UInt8]
    ) throws(ParseError) -> [UInt8] {
        let value = value(of: name)
        if value == nil && options.contains(.keepsUnset) {
            let colon = emptyIsUnset ? ":" : ""
            return Array("${\(name)\(colon)\(Unicode.Scalar(modifier))".utf8) + word + [ASCII.closeBrace]
        }
        let isMissing = value == nil || (emptyIsUnset && value?.isEmpty == true)
        switch modifier {
        case ASCII.dash: return isMissing ? word : Array((value ?? "").utf8)
        case ASCII.question:
            guard isMissing else { return Array((value ?? "").utf8) }
            let reason = value == nil ? "is not allowed to be unset" : "is not allowed to be empty"
            throw ParseError("\(name): \(word.isEmpty ? reason : word.text)")
        default: return isMissing ? [] : word
        }
    }

    /// `#`, `##`, `%` and `%%`.
    private mutating func strip(_ name: String, operation: UInt8, word: [UInt8]) throws(ParseError) -> [UInt8] {
        let value = value(of: name)
        let sign = String(Unicode.Scalar(operation))
        if value == nil && options.contains(.keepsUnset) {
            return Array("${\(name)\(sign)".utf8) + word + [ASCII.closeBrace]
        }
        let isLongest = word.first == operation
        let pattern = try SubstitutionPattern(isLongest ? word.dropFirst() : word[...])
        let scalars = Array((value ?? "").unicodeScalars)
        let kept =
            operation == ASCII.hash
            ? scalars.dropFirst(pattern.prefixLength(in: scalars, longest: isLongest) ?? 0)
            : scalars.dropLast(pattern.reversed.prefixLength(in: scalars.reversed(), longest: isLongest) ?? 0)
        return kept.utf8Bytes
    }

    /// `/` and `//`.
    private mutating func replace(_ name: String) throws(ParseError) -> [UInt8] {
        let replacesAll = current == ASCII.slash
        if replacesAll { position += 1 }
        let pattern = try readWord(until: ASCII.slash, keepingEscapes: true, missing: "'/' in ${}")
        let replacement = try readWord(until: ASCII.closeBrace, keepingEscapes: true, missing: "'}'")
        let value = value(of: name)
        if value == nil && options.contains(.keepsUnset) {
            return Array("${\(name)/".utf8) + pattern + [ASCII.slash] + replacement + [ASCII.closeBrace]
        }
        let compiled = try SubstitutionPattern(pattern[...])
        return compiled.replacing(in: Array((value ?? "").unicodeScalars), with: replacement, all: replacesAll)
    }

    /// A name: letters, digits and underscores; digits alone if it begins with one; or one special character.
    private mutating func readName() -> String {
        let start = position
        guard let first = current else { return "" }
        if first < 0x80 && "@*#?-$!".utf8.contains(first) {
            position += 1
            return String(Unicode.Scalar(first))
        }
        var onlyDigits = false
        while position < bytes.count {
            let (scalar, length) = bytes[...].scalar(at: position)
            let isDigit = scalar.isNameDigit
            if position == start { onlyDigits = isDigit }
            guard isDigit || (!onlyDigits && (scalar == "_" || scalar.isNameLetter)) else { break }
            position += length
        }
        return bytes[start..<position].text
    }
}

extension Sequence<Unicode.Scalar> {
    /// The scalars in UTF-8.
    var utf8Bytes: [UInt8] { flatMap { UTF8.encode($0).map(Array.init) ?? [] } }
}

extension Unicode.Scalar {
    fileprivate var isNameDigit: Bool {
        isASCII ? ASCII.isDigit(UInt8(value)) : properties.generalCategory == .decimalNumber
    }

    fileprivate var isNameLetter: Bool {
        if isASCII { return ASCII.isLetter(UInt8(value)) }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }
}
