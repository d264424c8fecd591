/// Turns a logical line into an instruction: flags, number and form of its arguments.
struct InstructionParser {
    let line: LogicalLine
    let origin: Origin

    init(_ line: LogicalLine) {
        self.line = line
        origin = Origin(
            keyword: line.word,
            range: line.range,
            text: line.text[...].trimmingWhiteSpace().text,
            comments: line.comments,
            skippedRules: RuleSelection(comments: line.comments)
        )
    }

    /// `FROM` or another instruction.
    enum Outcome {
        case from(FromInstruction)
        case instruction(Instruction)
    }

    /// The instruction of the line; an error carries the line's range and is marked as one of an instruction.
    func parse() throws(ParseError) -> Outcome {
        do throws(ParseError) {
            return try parseByKeyword()
        } catch {
            var placed = error.located(at: line.range)
            placed.inInstruction = true
            throw placed
        }
    }

    private func parseByKeyword() throws(ParseError) -> Outcome {
        switch line.keyword {
        case .from: .from(try parseFrom())
        case .add: .instruction(.add(try parseAdd()))
        case .arg: .instruction(.arg(try parseArg()))
        case .cmd: .instruction(.cmd(CmdInstruction(origin: origin, command: try parseCommand())))
        case .copy: .instruction(.copy(try parseCopy()))
        case .entrypoint:
            .instruction(.entrypoint(EntrypointInstruction(origin: origin, command: try parseCommand())))
        case .env: .instruction(.env(try parseEnv()))
        case .expose: .instruction(.expose(try parseExpose()))
        case .healthcheck: .instruction(.healthcheck(try parseHealthcheck()))
        case .label: .instruction(.label(try parseLabel()))
        case .maintainer:
            .instruction(.maintainer(MaintainerInstruction(origin: origin, author: try parseOnlyArgument())))
        case .onBuild: .instruction(.onBuild(try parseOnBuild()))
        case .run: .instruction(.run(try parseRun()))
        case .shell: .instruction(.shell(try parseShell()))
        case .stopSignal:
            .instruction(.stopSignal(StopSignalInstruction(origin: origin, signal: try parseOnlyArgument())))
        case .user: .instruction(.user(UserInstruction(origin: origin, user: try parseOnlyArgument())))
        case .volume: .instruction(.volume(try parseVolume()))
        case .workdir: .instruction(.workdir(WorkdirInstruction(origin: origin, path: try parseOnlyArgument())))
        case nil: throw unknownInstruction
        }
    }

    private var unknownInstruction: ParseError {
        let names = InstructionKeyword.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: line.word, among: names, caseSensitive: false)
        return ParseError("unknown instruction: \(line.word)", suggestion: near, culprit: line.word)
    }

    /// Refuses every flag.
    func refuseFlags() throws(ParseError) {
        _ = try InstructionFlags(line.flags)
    }

    /// The name of the instruction in messages.
    var name: String { line.keyword?.rawValue ?? line.word }

    /// The words of the arguments, in either form.
    var words: [String] {
        switch line.arguments {
        case .words(let words), .json(let words): words
        default: []
        }
    }

    /// Whether the arguments are a JSON array.
    var isJSON: Bool {
        if case .json = line.arguments { return true }
        return false
    }

    private func parseOnlyArgument() throws(ParseError) -> String {
        guard case .text(let text) = line.arguments else { throw ParseError("\(name) requires exactly one argument") }
        try refuseFlags()
        return text
    }

    var missingArgument: ParseError { ParseError("\(name) requires at least one argument") }
}
