extension Dockerfile {
    /// Parses a Dockerfile.
    ///
    /// Throws the first error in the form of any line, else the first one in an instruction's flags and arguments;
    /// what needs values of variables is not checked.
    package init(parsing source: SourceFile) throws(ParseError) {
        let (dockerfile, error) = try Self.parsePrefix(of: source)
        if let error { throw error }
        self = dockerfile
    }

    /// Parses a Dockerfile up to the first instruction with an error, and returns what stands before it (perhaps no
    /// stage at all) with that error, nil where there is none.
    ///
    /// Throws errors in the form of lines, before which nothing is known.
    package static func parsePrefix(
        of source: SourceFile
    ) throws(ParseError) -> (dockerfile: Dockerfile, error: ParseError?) {
        guard !source.bytes.isEmpty else { throw ParseError("the Dockerfile cannot be empty") }
        let reader = try LogicalLineReader(reading: source.bytes)
        var directives = Directives(escape: reader.escape, syntax: SyntaxDirective.detect(in: source.bytes))
        if let check = Directives.find(.check, in: source.bytes) {
            directives.check = try CheckOptions(directive: check.value, line: check.line)
        }
        var dockerfile = Dockerfile(
            source: source,
            directives: directives,
            globalArguments: [],
            stages: [],
            warnings: reader.findings
        )
        do throws(ParseError) {
            for line in reader.lines { try dockerfile.append(line) }
            guard !dockerfile.stages.isEmpty else { throw ParseError("dockerfile contains no stages to build") }
            return (dockerfile, nil)
        } catch {
            return (dockerfile, error)
        }
    }

    private mutating func append(_ line: LogicalLine) throws(ParseError) {
        switch try InstructionParser(line).parse() {
        case .from(let from): stages.append(Stage(from: from, instructions: []))
        case .instruction(.arg(let argument)) where stages.isEmpty: globalArguments.append(argument)
        case .instruction(let instruction):
            guard !stages.isEmpty else { throw ParseError("no build stage in current context", range: line.range) }
            stages[stages.count - 1].instructions.append(instruction)
        }
    }

    /// Parses an `ONBUILD` trigger as images store it; every range in the result is `range`.
    package static func parseTrigger(_ text: String, at range: SourceRange) throws(ParseError) -> Instruction {
        do throws(ParseError) {
            let lines = try LogicalLineReader(reading: Array(text.utf8)).lines
            guard lines.count == 1, var line = lines.first else {
                throw ParseError("onbuild trigger should be a single expression")
            }
            line.range = range
            guard case .instruction(let instruction) = try InstructionParser(line).parse() else {
                throw ParseError("FROM isn't allowed as an ONBUILD trigger")
            }
            return instruction
        } catch {
            throw ParseError(error.message, range: range, suggestion: error.suggestion, culprit: error.culprit)
        }
    }
}
