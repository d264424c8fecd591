@testable import DockerfileParser

/// Writes a syntax tree as a Dockerfile that parses to the same tree, but for lines and the text of each instruction.
///
/// Instructions with documents are printed from their text, because the tree keeps no quotes of a document's name.
struct DockerfilePrinter {
    private(set) var text = ""
    private let escape: Character

    init(_ file: Dockerfile) {
        escape = Character(Unicode.Scalar(file.escape.rawValue))
        if let syntax = file.directives.syntax { text += "# syntax=\(syntax.commandLine)\n" }
        if file.escape == .backtick { text += "# escape=`\n" }
        if let check = file.directives.check { text += "# check=\(Self.text(of: check))\n" }
        // A blank line, so that no comment is taken for a directive.
        text += "\n"
        for argument in file.globalArguments { add(.arg(argument)) }
        for stage in file.stages {
            add(stage.from)
            for instruction in stage.instructions { add(instruction) }
        }
    }

    private static func text(of check: CheckOptions) -> String {
        // Options that say nothing were written somehow, too.
        var parts = ["error=\(check.error)"]
        for (name, selection) in [("skip", check.skip), ("experimental", check.experimental)] {
            switch selection {
            case .all: parts.append("\(name)=all")
            case .names(let names) where names.isEmpty: continue
            case .names(let names): parts.append("\(name)=\(names.sorted().joined(separator: ","))")
            }
        }
        // Only the last part may hold a semicolon.
        return (parts.filter { !$0.contains(";") } + parts.filter { $0.contains(";") }).joined(separator: ";")
    }

    /// Adds the comments, the line and the documents of an instruction.
    private mutating func add(_ origin: Origin, _ line: String, _ heredocs: [Heredoc] = []) {
        for comment in origin.comments { text += "# \(comment)\n" }
        text += closed(line) + "\n"
        for heredoc in heredocs { text += heredoc.body.text + heredoc.name + "\n" }
    }

    /// A line that the next one does not continue: a vertical tab behind an escape character is a blank to the parser.
    private func closed(_ line: String) -> String {
        line.last == escape && line.dropLast().last != escape ? line + "\u{B}" : line
    }

    private mutating func add(_ from: FromInstruction) {
        var words = flag("platform", from.platform)
        words.append(protected(from.baseName))
        if let keyword = from.asKeyword, let name = from.stageNameAsWritten { words += [keyword, name] }
        add(from.origin, ([from.origin.keyword] + words).joined(separator: " "))
    }

    private mutating func add(_ instruction: Instruction) {
        let origin = instruction.origin
        if case .onBuild(let onBuild) = instruction {
            let lines = onBuild.trigger.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let documents = lines.count == 2 ? "\n" + lines[1] : ""
            for comment in origin.comments { text += "# \(comment)\n" }
            text += closed("\(origin.keyword) \(lines[0])") + documents + "\n"
            return
        }
        let heredocs = instruction.heredocs
        guard heredocs.isEmpty else { return add(origin, origin.text, heredocs) }
        let words = [origin.keyword] + flags(of: instruction) + [arguments(of: instruction)]
        add(origin, words.filter { !$0.isEmpty }.joined(separator: " "))
    }

    private func flags(of instruction: Instruction) -> [String] {
        switch instruction {
        case .add(let add):
            flag("chown", add.chown) + flag("chmod", add.chmod) + (add.link ? ["--link"] : [])
                + flag("keep-git-dir", add.keepGitDirectory.map { "\($0)" }) + flag("checksum", add.checksum)
                + flag("unpack", add.unpack.map { "\($0)" }) + add.exclude.flatMap { flag("exclude", $0) }
        case .copy(let copy):
            flag("from", copy.from) + flag("chown", copy.chown) + flag("chmod", copy.chmod)
                + (copy.link ? ["--link"] : []) + (copy.parents ? ["--parents"] : [])
                + copy.exclude.flatMap { flag("exclude", $0) }
        case .run(let run):
            run.mounts.flatMap { flag("mount", $0) } + flag("network", run.network.rawValue)
                + flag("security", run.security.rawValue)
                + run.devices.flatMap { flag("device", Self.record($0)) }
        case .healthcheck(let check):
            [
                ("interval", check.interval), ("timeout", check.timeout), ("start-period", check.startPeriod),
                ("start-interval", check.startInterval),
            ].filter { $0.1 != .zero }.flatMap { flag($0.0, $0.1.description) }
                + (check.retries == 0 ? [] : flag("retries", "\(check.retries)"))
        default: []
        }
    }

    private func arguments(of instruction: Instruction) -> String {
        switch instruction {
        case .add(let add): operands(add.operands)
        case .copy(let copy): operands(copy.operands)
        case .arg(let arg): declarations(arg.declarations)
        case .cmd(let cmd): command(cmd.command)
        case .entrypoint(let entrypoint): command(entrypoint.command)
        case .env(let env): pairs(env.pairs, isLegacy: env.isLegacy)
        case .label(let label): pairs(label.pairs, isLegacy: label.isLegacy)
        case .expose(let expose): words(expose.ports)
        case .healthcheck(let check): check.command.map { "CMD " + command($0, isFirst: false) } ?? "NONE"
        case .maintainer(let maintainer): protected(maintainer.author)
        case .onBuild(let onBuild): onBuild.trigger
        case .run(let run): command(run.command)
        case .shell(let shell): json(shell.arguments)
        case .stopSignal(let signal): protected(signal.signal)
        case .user(let user): protected(user.user)
        case .volume(let volume): volume.isJSON ? json(volume.paths) : words(volume.paths)
        case .workdir(let workdir): protected(workdir.path)
        }
    }

    private func command(_ command: CommandForm, isFirst: Bool = true) -> String {
        switch command {
        case .exec(let arguments): json(arguments)
        case .shell(let text): isFirst ? protected(text) : text
        }
    }

    private func operands(_ operands: CopyOperands) -> String {
        let all = operands.paths + [operands.destination]
        return operands.isJSON ? json(all) : words(all)
    }

    private func declarations(_ declarations: [ArgDeclaration]) -> String {
        protected(declarations.map { $0.name + ($0.defaultValue.map { "=" + $0 } ?? "") }.joined(separator: " "))
    }

    private func pairs(_ pairs: [KeyValue], isLegacy: Bool) -> String {
        protected(pairs.map { $0.key + (isLegacy ? " " : "=") + $0.value }.joined(separator: " "))
    }

    /// Words between blanks; the blank is one that no JSON has where they could be taken for JSON.
    private func words(_ words: [String]) -> String {
        protected(words.joined(separator: words.first?.hasPrefix("[") == true ? "\u{B}" : " "))
    }

    /// Arguments that are not taken for flags.
    private func protected(_ arguments: String) -> String {
        arguments.hasPrefix("--") ? "-- " + arguments : arguments
    }

    /// `--name=value` with an escape in front of what has a meaning in flags; nothing for nil.
    private func flag(_ name: String, _ value: String?) -> [String] {
        guard let value else { return [] }
        let special: Set<Unicode.Scalar> = ["\\", "'", "\""]
        return [
            "--\(name)="
                + value.unicodeScalars.map { scalar in
                    special.contains(scalar) || scalar.properties.isWhitespace ? "\\\(scalar)" : "\(scalar)"
                }.joined()
        ]
    }

    private static func record(_ device: DeviceRequest) -> String {
        let name = "name=\(device.name)"
        let quoted = name.contains { ",\"".contains($0) } ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
        return quoted + (device.required ? ",required" : "")
    }

    private func json(_ strings: [String]) -> String {
        "[" + strings.map(Self.quoted).joined(separator: ", ") + "]"
    }

    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Instruction {
    /// The documents below the instruction.
    fileprivate var heredocs: [Heredoc] {
        switch self {
        case .add(let add): add.operands.heredocs
        case .copy(let copy): copy.operands.heredocs
        case .run(let run): run.heredocs
        default: []
        }
    }
}
