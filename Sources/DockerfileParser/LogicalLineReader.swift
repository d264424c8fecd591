/// Reads a file into instructions: directives, comments, continuations and heredocs (spec 1.1 to 1.4).
struct LogicalLineReader {
    private var physical: LineReader
    private var directiveReader = DirectiveReader()
    private var comments: [String] = []
    private(set) var escape = EscapeCharacter.backslash
    private(set) var lines: [LogicalLine] = []
    private(set) var findings: [LintFinding] = []

    /// Reads all of `bytes`.
    init(reading bytes: [UInt8]) throws(ParseError) {
        physical = LineReader(bytes)
        while let line = try physical.next() { try read(line) }
        if lines.isEmpty {
            throw ParseError("file with no instructions", range: SourceRange(line: max(1, physical.lineNumber)))
        }
    }

    /// Reads the instruction that begins at `first`, with all its lines, if one does.
    private mutating func read(_ first: ArraySlice<UInt8>) throws(ParseError) {
        let startLine = physical.lineNumber
        let content = first.trimmingLineEnd().trimmingLeadingWhiteSpace()
        let isDirective = try readDirective(content)
        if content.first == ASCII.hash {
            if !isDirective { addComment(first) }
            return
        }
        var (text, continues) = removingContinuation(content)
        if !continues && text.isEmpty { return }
        var joined = Array(text)
        var hasBlankLine = false
        while continues, let next = try physical.next() {
            let line = next.trimmingLineEnd()
            let visible = line.trimmingLeadingWhiteSpace()
            if visible.first == ASCII.hash { continue }
            if visible.isEmpty {
                hasBlankLine = true
                continue
            }
            (text, continues) = removingContinuation(line)
            joined += text
        }
        if hasBlankLine { addBlankLineFinding() }
        try add(joined, startLine: startLine)
    }

    private mutating func add(_ text: [UInt8], startLine: Int) throws(ParseError) {
        let range = SourceRange(startLine: startLine, endLine: physical.lineNumber)
        var line = try LogicalLine(splitting: text, escape: escape, range: range, comments: comments)
        if line.takesHeredocs && text.contains(ASCII.less) {
            for heredoc in HeredocWord.all(in: text) {
                line.heredocs.append(try readBody(of: heredoc, startLine: startLine))
            }
            line.range = SourceRange(startLine: startLine, endLine: physical.lineNumber)
        }
        lines.append(line)
        comments = []
    }

    private mutating func readBody(of heredoc: Heredoc, startLine: Int) throws(ParseError) -> Heredoc {
        var heredoc = heredoc
        let terminator = Array(heredoc.name.utf8)
        while let line = try physical.next() {
            var candidate = line.trimmingLineEnd()
            if heredoc.stripsTabs { candidate = candidate.drop { $0 == ASCII.tab } }
            if candidate.elementsEqual(terminator) { return heredoc }
            heredoc.body += line
        }
        let range = SourceRange(startLine: startLine, endLine: physical.lineNumber)
        throw ParseError("unterminated heredoc", range: range)
    }

    private mutating func readDirective(_ line: ArraySlice<UInt8>) throws(ParseError) -> Bool {
        do throws(ParseError) {
            guard let directive = try directiveReader.read(line) else { return false }
            if directive.key == .escape {
                guard let byte = directive.value.utf8.first, directive.value.utf8.count == 1,
                    let character = EscapeCharacter(rawValue: byte)
                else { throw ParseError("invalid escape token '\(directive.value)' does not match ` or \\") }
                escape = character
            }
            return true
        } catch {
            throw error.located(at: SourceRange(line: physical.lineNumber))
        }
    }

    /// Keeps a comment line, an indented one with its `#`; an empty one forgets those before.
    private mutating func addComment(_ line: ArraySlice<UInt8>) {
        let text = line.dropFirst().trimmingWhiteSpace()
        if text.isEmpty {
            comments = []
        } else {
            comments.append(text.text)
        }
    }

    private mutating func addBlankLineFinding() {
        findings.append(
            LintFinding(
                rule: .noEmptyContinuation,
                message: "Empty continuation line",
                range: SourceRange(line: physical.lineNumber)
            )
        )
    }

    /// The line without a continuation at its end, and whether there was one: the escape character, not preceded by
    /// another, followed by spaces and tabs only.
    private func removingContinuation(_ line: ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, continues: Bool) {
        var end = line.endIndex
        while end > line.startIndex && (line[end - 1] == ASCII.space || line[end - 1] == ASCII.tab) { end -= 1 }
        guard end > line.startIndex, line[end - 1] == escape.rawValue else { return (line, false) }
        if end - 1 > line.startIndex && line[end - 2] == escape.rawValue { return (line, false) }
        return (line[..<(end - 1)], true)
    }
}
