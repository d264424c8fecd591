/// The block of source lines that is printed with an error or a finding (spec 9.7).
package enum SourceExcerpt {
    /// `Dockerfile:12`, a rule, the marked lines with context, a rule; empty where the lines do not exist.
    ///
    /// Two lines of context surround a single line, one line surrounds several. Each line ends with a line feed.
    package static func render(_ file: SourceFile, _ range: SourceRange) -> String {
        let lines = file.lines
        guard range.startLine >= 1, range.startLine <= lines.count else { return "" }
        let end = min(range.endLine, lines.count)
        let context = range.startLine == end ? 2 : 1
        var text = "\(file.name):\(range.startLine)\n\(rule)"
        for number in max(1, range.startLine - context)...min(lines.count, end + context) {
            let mark = number >= range.startLine && number <= end ? ">>>" : "   "
            let shown = String(number)
            let padding = String(repeating: " ", count: max(0, 3 - shown.utf8.count))
            text += " \(padding)\(shown) | \(mark) \(lines[number - 1])\n"
        }
        return text + rule
    }

    private static let rule = "--------------------\n"
}
