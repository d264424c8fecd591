/// Reads globs in the syntax of Go's `path.Match`, with `**` where it is asked for.
struct GlobParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private let hasDoubleStar: Bool

    /// Parses `pattern`; throws `syntax error in pattern` where Go does.
    static func parse(_ pattern: [UInt8], hasDoubleStar: Bool) throws(ParseError) -> [GlobProgram.Token] {
        var parser = GlobParser(scalars: Array(pattern.text.unicodeScalars), hasDoubleStar: hasDoubleStar)
        var tokens: [GlobProgram.Token] = []
        while let scalar = parser.take() { tokens.append(try parser.token(at: scalar)) }
        return tokens
    }

    private init(scalars: [Unicode.Scalar], hasDoubleStar: Bool) {
        self.scalars = scalars
        self.hasDoubleStar = hasDoubleStar
    }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private var badPattern: ParseError { ParseError("syntax error in pattern") }

    private mutating func take() -> Unicode.Scalar? {
        guard let scalar = current else { return nil }
        position += 1
        return scalar
    }

    private mutating func token(at scalar: Unicode.Scalar) throws(ParseError) -> GlobProgram.Token {
        switch scalar {
        case "*":
            guard hasDoubleStar && current == "*" else { return .run }
            position += 1
            if current == "/" { position += 1 }
            return current == nil ? .rest : .directories
        case "?": return .one
        case "[": return .set(try readSet())
        case "\\":
            guard let escaped = take() else { throw badPattern }
            return .literal(escaped)
        default: return .literal(scalar)
        }
    }

    private mutating func readSet() throws(ParseError) -> GlobSet {
        var set = GlobSet(isNegated: current == "^", ranges: [])
        if set.isNegated { position += 1 }
        while current != "]" || set.ranges.isEmpty {
            let low = try readSetMember()
            var high = low
            if current == "-" {
                position += 1
                high = try readSetMember()
            }
            // A range that runs backwards matches nothing.
            set.ranges.append(low <= high ? low...high : "\u{10FFFF}"..."\u{10FFFF}")
        }
        position += 1
        return set
    }

    private mutating func readSetMember() throws(ParseError) -> Unicode.Scalar {
        guard let scalar = take(), scalar != "-", scalar != "]" else { throw badPattern }
        let member = scalar == "\\" ? take() : scalar
        // A class must be closed: something follows each of its members.
        guard let member, current != nil else { throw badPattern }
        return member
    }
}
