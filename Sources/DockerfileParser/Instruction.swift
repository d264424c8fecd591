/// One instruction of a stage; a closed set, in which `FROM` is not (see ``Stage``).
package enum Instruction: Hashable, Sendable {
    case add(AddInstruction)
    case arg(ArgInstruction)
    case cmd(CmdInstruction)
    case copy(CopyInstruction)
    case entrypoint(EntrypointInstruction)
    case env(EnvInstruction)
    case expose(ExposeInstruction)
    case healthcheck(HealthcheckInstruction)
    case label(LabelInstruction)
    case maintainer(MaintainerInstruction)
    case onBuild(OnBuildInstruction)
    case run(RunInstruction)
    case shell(ShellInstruction)
    case stopSignal(StopSignalInstruction)
    case user(UserInstruction)
    case volume(VolumeInstruction)
    case workdir(WorkdirInstruction)

    /// Where the instruction stands and what stands around it.
    package var origin: Origin {
        switch self {
        case .add(let payload): payload.origin
        case .arg(let payload): payload.origin
        case .cmd(let payload): payload.origin
        case .copy(let payload): payload.origin
        case .entrypoint(let payload): payload.origin
        case .env(let payload): payload.origin
        case .expose(let payload): payload.origin
        case .healthcheck(let payload): payload.origin
        case .label(let payload): payload.origin
        case .maintainer(let payload): payload.origin
        case .onBuild(let payload): payload.origin
        case .run(let payload): payload.origin
        case .shell(let payload): payload.origin
        case .stopSignal(let payload): payload.origin
        case .user(let payload): payload.origin
        case .volume(let payload): payload.origin
        case .workdir(let payload): payload.origin
        }
    }

    /// The lines of the instruction.
    package var range: SourceRange { origin.range }

    /// The logical line: continuations joined, comments and heredoc bodies left out.
    package var originalText: String { origin.text }
}

/// Where an instruction stands, its text, and the comments above it.
package struct Origin: Hashable, Sendable {
    /// The instruction word as written, as in `Run`.
    package var keyword: String
    /// The lines, heredoc bodies included.
    package var range: SourceRange
    /// The logical line: continuations joined, comments and heredoc bodies left out, blanks at both ends trimmed.
    package var text: String
    /// The comment lines since the previous instruction, without `#` and blanks; directives left out.
    package var comments: [String] = []
    /// The rules that a `# check=skip=…` comment directly above turns off for this instruction.
    package var skippedRules: RuleSelection = .none

    /// The rest of the first comment whose first word is `name`: the documented description of an `ARG` or stage.
    package func description(of name: String) -> String? {
        guard !name.isEmpty else { return nil }
        for comment in comments where comment.utf8.starts(with: "\(name) ".utf8) {
            return String(decoding: comment.utf8.dropFirst(name.utf8.count + 1), as: UTF8.self)
        }
        return nil
    }
}

/// A command in the JSON form, or as one text for the shell.
package enum CommandForm: Hashable, Sendable {
    /// The arguments of the JSON form, run as they are.
    case exec([String])
    /// The text of the shell form, possibly empty.
    case shell(String)
}

/// A document that stands below an instruction (spec 1.4).
package struct Heredoc: Hashable, Sendable {
    /// The terminator without quotes, which is also the file name in `COPY` and `ADD`.
    package var name: String
    /// The number before `<<`, 0 where there is none.
    package var descriptor: Int = 0
    /// Whether no part of the name was quoted, so that `COPY` and `ADD` expand the body.
    package var expands: Bool = true
    /// Whether it was written `<<-`, so that leading tabs are dropped when the body is consumed.
    package var stripsTabs: Bool = false
    /// The lines up to the terminator, raw: with tabs and with their own line endings.
    package var body: [UInt8] = []
}

/// A name and a value, both unexpanded, quotes and escapes still in place.
package struct KeyValue: Hashable, Sendable {
    package var key: String
    package var value: String
}
