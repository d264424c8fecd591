/// The physical lines that an instruction occupies, both ends included.
package struct SourceRange: Hashable, Sendable, CustomStringConvertible {
    /// First line, counted from 1.
    package let startLine: Int
    /// Last line, counted from 1, heredoc terminators included.
    package let endLine: Int

    /// A range of lines, counted from 1, both ends included.
    package init(startLine: Int, endLine: Int) {
        self.startLine = startLine
        self.endLine = max(startLine, endLine)
    }

    /// The range of a single line, counted from 1.
    package init(line: Int) {
        self.init(startLine: line, endLine: line)
    }

    /// `3` or `3-5`.
    package var description: String {
        startLine == endLine ? "\(startLine)" : "\(startLine)-\(endLine)"
    }
}
