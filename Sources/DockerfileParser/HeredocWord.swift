/// Finds the words of a line that announce documents: `<<EOF`, `3<<-"EOF"` (spec 1.4).
enum HeredocWord {
    /// The heredocs of a line, in order, without bodies; none where the line's quotes do not match.
    static func all(in line: [UInt8]) -> [Heredoc] {
        var lexer = WordLexer(line, escape: .backslash, options: [.keepsQuotes, .keepsEscapes, .keepsUnset])
        guard let words = try? lexer.run().words else { return [] }
        return words.compactMap(parse)
    }

    /// The heredoc that a word is, or nil.
    static func parse(_ word: [UInt8]) -> Heredoc? {
        let digits = word.prefix(while: ASCII.isDigit)
        var rest = word[digits.endIndex...]
        guard rest.starts(with: "<<".utf8) else { return nil }
        rest = rest.dropFirst(2)
        let stripsTabs = rest.first == ASCII.dash
        if stripsTabs { rest = rest.dropFirst() }
        rest = rest.trimmingLeadingWhiteSpace()
        guard !rest.isEmpty, !rest.contains(ASCII.less) else { return nil }
        var bare = WordLexer(Array(rest), escape: .backslash, options: [.keepsUnset])
        var raw = WordLexer(Array(rest), escape: .backslash, options: [.keepsUnset, .keepsQuotes])
        guard let names = try? bare.run().words, names.count == 1, let rawNames = try? raw.run().words,
            rawNames.count == 1
        else { return nil }
        return Heredoc(
            name: names[0].text,
            descriptor: Int(digits.text) ?? 0,
            expands: quotes(in: names[0]) == quotes(in: rawNames[0]),
            stripsTabs: stripsTabs
        )
    }

    private static func quotes(in word: [UInt8]) -> Int {
        word.reduce(0) { $0 + ($1 == ASCII.singleQuote || $1 == ASCII.doubleQuote ? 1 : 0) }
    }
}

extension Heredoc {
    /// The body as `COPY`, `ADD` and a lone `RUN` consume it: without leading tabs where it was written `<<-`.
    package var content: [UInt8] {
        guard stripsTabs else { return body }
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var isAtLineStart = true
        for byte in body {
            if isAtLineStart && byte == ASCII.tab { continue }
            isAtLineStart = byte == ASCII.lineFeed
            result.append(byte)
        }
        return result
    }

    /// The first line of the trimmed body, with `...` where there are more: shown in progress names.
    package var summary: String {
        let text = body[...].trimmingWhiteSpace()
        let first = text.prefix { $0 != ASCII.lineFeed }
        guard first.endIndex < text.endIndex else { return first.text }
        return (first.last == ASCII.carriageReturn ? first.dropLast() : first).text + "..."
    }
}
