/// The block of source lines that is printed with an error or a finding (spec 9.7).
package enum SourceExcerpt {
    /// `Dockerfile:12`, a rule, the marked lines with context, a rule; empty where the lines do not exist.
    ///
    /// Two lines of context surround a single line, one line surrounds several. Each line ends with a line feed.
    package static func render(_ file: SourceFile, _ range: SourceRange) -> String {
        render(file, range, place: "\(range.startLine)", mark: nil, paint: \.self)
    }

    /// The same for an error: `Dockerfile:12:7` with the column, and below the line the text at fault underlined.
    ///
    /// Where `culprit` is nil or not found, the column is that of the instruction, and nothing is underlined.
    /// `paint` makes the marks stand out on a terminal.
    package static func render(
        _ file: SourceFile,
        _ range: SourceRange,
        blaming culprit: String?,
        paint: (String) -> String = \.self
    ) -> String {
        let mark = culprit.flatMap { SourceMark(of: $0, in: file, range) }
        let place = mark ?? SourceMark(instruction: range.startLine, in: file)
        return render(file, range, place: "\(place.line):\(place.column)", mark: mark, paint: paint)
    }

    private static func render(
        _ file: SourceFile,
        _ range: SourceRange,
        place: String,
        mark: SourceMark?,
        paint: (String) -> String
    ) -> String {
        let lines = file.lines
        guard range.startLine >= 1, range.startLine <= lines.count else { return "" }
        let end = min(range.endLine, lines.count)
        let context = range.startLine == end ? 2 : 1
        var text = "\(file.name):\(place)\n\(rule)"
        for number in max(1, range.startLine - context)...min(lines.count, end + context) {
            let pointer = number >= range.startLine && number <= end ? paint(">>>") : "   "
            let shown = String(number)
            let padding = String(repeating: " ", count: max(0, 3 - shown.utf8.count))
            text += " \(padding)\(shown) | \(pointer) \(lines[number - 1])\n"
            if let mark, mark.line == number {
                text += "     |     \(mark.indentation)\(paint(String(repeating: "^", count: mark.length)))\n"
            }
        }
        return text + rule
    }

    private static let rule = "--------------------\n"
}
