/// Why a Dockerfile, or a text within it, is refused, and where.
package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The cause, without location.
    package var message: String
    /// The lines concerned, or nil where the caller knows them better.
    package var range: SourceRange?
    /// Whether the error is one of an instruction's keyword, flags or arguments, which is shown with its line number.
    package var inInstruction: Bool
    /// What was probably meant, shown as `(did you mean X?)`.
    package var suggestion: String?
    /// The text at fault as written, where one is; it tells the column.
    package var culprit: String?

    /// An error of the reader, or of a text whose place the caller knows.
    package init(
        _ message: String,
        range: SourceRange? = nil,
        inInstruction: Bool = false,
        suggestion: String? = nil,
        culprit: String? = nil
    ) {
        self.message = message
        self.range = range
        self.inInstruction = inInstruction
        self.suggestion = suggestion
        self.culprit = culprit
    }

    /// The message with its suggestion and, for errors of an instruction, `dockerfile parse error on line N: ` in front.
    package var description: String {
        let hint = suggestion.map { " (did you mean \($0)?)" } ?? ""
        guard inInstruction, let range else { return message + hint }
        return "dockerfile parse error on line \(range.startLine): \(message)\(hint)"
    }

    /// The same error, placed at `range` if it has no place yet.
    package func located(at range: SourceRange) -> ParseError {
        var copy = self
        copy.range = self.range ?? range
        return copy
    }
}
