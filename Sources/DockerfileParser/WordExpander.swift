/// Expands variables and removes quotes and escapes, as in a shell (spec 1.6).
package struct WordExpander: Hashable, Sendable {
    /// The value of a variable, or nil where it is not set.
    package typealias Lookup = (String) -> String?

    /// The character that makes the next one literal.
    package let escape: EscapeCharacter

    /// An expander for a file with the given escape character.
    package init(escape: EscapeCharacter = .backslash) {
        self.escape = escape
    }

    /// Expands `word` as one word, whatever blanks it holds.
    ///
    /// Throws a ``ParseError`` without range for a wrong quote or substitution and for `${v?…}`.
    package func expand(_ word: String, environment: @escaping Lookup) throws(ParseError) -> Expansion {
        let bytes = Array(word.utf8)
        guard bytes.contains(where: isSpecial) else { return Expansion(plain: word) }
        var lexer = WordLexer(bytes, escape: escape, lookup: environment)
        return try lexer.expansion(of: word)
    }

    /// Whether a byte may mean more than itself; those of characters that are not ASCII may be blanks.
    private func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case ASCII.dollar, ASCII.singleQuote, ASCII.doubleQuote, ASCII.less, escape.rawValue, 0x80...: true
        default: false
        }
    }

    /// Expands `word` with the variables of a dictionary.
    package func expand(_ word: String, environment: [String: String]) throws(ParseError) -> Expansion {
        try expand(word) { environment[$0] }
    }

    /// Expands the body of an unquoted heredoc: quotes are ordinary characters, and `\x` becomes `x`.
    ///
    /// The escape character is a backslash there, whatever the `escape` directive says.
    package static func expandDocument(
        _ body: [UInt8],
        environment: @escaping Lookup
    ) throws(ParseError) -> (bytes: [UInt8], undefinedNames: [String]) {
        var lexer = WordLexer(body, escape: .backslash, options: [.plainQuotes], lookup: environment)
        do throws(ParseError) {
            let result = try lexer.run()
            return (result.bytes, lexer.undefinedNames)
        } catch {
            throw ParseError("failed to process \(body.text.goQuoted): \(error.message)", culprit: body.text)
        }
    }
}

/// The outcome of an expansion.
package struct Expansion: Hashable, Sendable {
    /// The text as one word.
    package let text: String
    /// The text split at blanks that are not quoted; variables are split, empty words dropped.
    package var words: [String] { splitWords ?? text.utf8.split(whereSeparator: Self.isBlank).compactMap(String.init) }
    /// The words of a text that had quotes or variables; nil of one that had none.
    private let splitWords: [String]?
    /// The variables used that are not set, each once, in the order of use.
    package let undefinedNames: [String]
    /// The variables used that are set, each once, in the order of use.
    package let definedNames: [String]
}

extension Expansion {
    /// A text that holds nothing but itself.
    fileprivate init(plain text: String) {
        self.text = text
        splitWords = nil
        undefinedNames = []
        definedNames = []
    }

    fileprivate init(_ text: String, words: [String], undefinedNames: [String], definedNames: [String]) {
        self.text = text
        splitWords = words
        self.undefinedNames = undefinedNames
        self.definedNames = definedNames
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || (0x09...0x0D).contains(byte) }
}

extension WordLexer {
    fileprivate mutating func expansion(of word: String) throws(ParseError) -> Expansion {
        do throws(ParseError) {
            let result = try run()
            return Expansion(
                result.bytes.text,
                words: result.words.map(\.text),
                undefinedNames: undefinedNames,
                definedNames: definedNames
            )
        } catch {
            throw ParseError("failed to process \(word.goQuoted): \(error.message)", culprit: word)
        }
    }
}
