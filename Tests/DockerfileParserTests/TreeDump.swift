@testable import DockerfileParser

/// A stable text of a syntax tree: a line for each node, its fields in a fixed order, those with no content left out.
struct TreeDump {
    private(set) var text = ""
    private let withPlaces: Bool

    /// Dumps a tree; without places it has neither lines nor the texts of instructions, and no findings.
    init(_ file: Dockerfile, withPlaces: Bool = true) {
        self.withPlaces = withPlaces
        line("escape \(Unicode.Scalar(file.escape.rawValue))")
        if let syntax = file.directives.syntax {
            line("syntax \(syntax.commandLine.goQuoted)" + (withPlaces ? " lines \(syntax.range)" : ""))
        }
        if let check = file.directives.check { line("check \(describe(check))") }
        for argument in file.globalArguments { node(.arg(argument), depth: 0) }
        for stage in file.stages {
            from(stage)
            for instruction in stage.instructions { node(instruction, depth: 1) }
        }
        guard withPlaces else { return }
        for finding in FileLint.findings(in: file) { line("file lint \(describe(finding))") }
        for stage in file.stages {
            for finding in StageLint.findings(in: stage) { line("stage lint \(describe(finding))") }
        }
    }

    private mutating func line(_ content: String, depth: Int = 0) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    private mutating func from(_ stage: Stage) {
        let from = stage.from
        header(from.origin, depth: 0)
        line("base \(from.baseName.goQuoted)", depth: 2)
        field("platform", from.platform, depth: 2)
        field("as", from.asKeyword, depth: 2)
        field("name", from.stageName, depth: 2)
        field("description", stage.description, depth: 2)
    }

    private mutating func header(_ origin: Origin, depth: Int) {
        line(origin.keyword + (withPlaces ? " \(origin.range) \(origin.text.goQuoted)" : ""), depth: depth)
        list("comment", origin.comments, depth: depth + 2)
        if origin.skippedRules != .none { line("skip \(describe(origin.skippedRules))", depth: depth + 2) }
    }

    private mutating func node(_ instruction: Instruction, depth: Int) {
        header(instruction.origin, depth: depth)
        let depth = depth + 2
        switch instruction {
        case .add(let add): self.add(add, depth: depth)
        case .copy(let copy): self.copy(copy, depth: depth)
        case .arg(let arg):
            for declaration in arg.declarations {
                let value = declaration.defaultValue.map { " = " + $0.goQuoted } ?? ""
                let description = declaration.description.map { " # " + $0.goQuoted } ?? ""
                line("name \(declaration.name.goQuoted)\(value)\(description)", depth: depth)
            }
        case .cmd(let cmd): command(cmd.command, depth: depth)
        case .entrypoint(let entrypoint): command(entrypoint.command, depth: depth)
        case .env(let env): pairs(env.pairs, env.isLegacy, depth: depth)
        case .label(let label): pairs(label.pairs, label.isLegacy, depth: depth)
        case .expose(let expose): list("port", expose.ports, depth: depth)
        case .healthcheck(let check): healthcheck(check, depth: depth)
        case .maintainer(let maintainer): field("author", maintainer.author, depth: depth)
        case .onBuild(let onBuild): field("trigger", onBuild.trigger, depth: depth)
        case .run(let run): self.run(run, depth: depth)
        case .shell(let shell): list("argument", shell.arguments, depth: depth)
        case .stopSignal(let signal): field("signal", signal.signal, depth: depth)
        case .user(let user): field("user", user.user, depth: depth)
        case .volume(let volume): list("path", volume.paths, depth: depth)
        case .workdir(let workdir): field("path", workdir.path, depth: depth)
        }
    }

    private mutating func field(_ name: String, _ value: String?, depth: Int) {
        if let value { line("\(name) \(value.goQuoted)", depth: depth) }
    }

    private mutating func list(_ name: String, _ values: [String], depth: Int) {
        for value in values { field(name, value, depth: depth) }
    }

    private mutating func pairs(_ pairs: [KeyValue], _ isLegacy: Bool, depth: Int) {
        for pair in pairs {
            line("pair \(pair.key.goQuoted) = \(pair.value.goQuoted)\(isLegacy ? " legacy" : "")", depth: depth)
        }
    }

    private mutating func command(_ command: CommandForm, depth: Int) {
        switch command {
        case .exec(let arguments): line("exec \(arguments.map(\.goQuoted).joined(separator: " "))", depth: depth)
        case .shell(let text): line("shell \(text.goQuoted)", depth: depth)
        }
    }

    private mutating func run(_ run: RunInstruction, depth: Int) {
        list("mount", run.mounts, depth: depth)
        if run.network != .sandbox { field("network", run.network.rawValue, depth: depth) }
        if run.security != .sandbox { field("security", run.security.rawValue, depth: depth) }
        for device in run.devices {
            line("device \(device.name.goQuoted)\(device.required ? " required" : "")", depth: depth)
        }
        command(run.command, depth: depth)
        for heredoc in run.heredocs { self.heredoc(heredoc, depth: depth) }
        guard !run.heredocs.isEmpty else { return }
        switch run.script {
        case .exec: line("script exec", depth: depth)
        case .shell(let text): field("script shell", text, depth: depth)
        case .file(let name, let body): field("script file \(name)", body.text, depth: depth)
        }
        if !run.nameSuffix.isEmpty { field("suffix", run.nameSuffix, depth: depth) }
    }

    private mutating func heredoc(_ heredoc: Heredoc, depth: Int) {
        let flags = [
            heredoc.descriptor == 0 ? "" : " descriptor \(heredoc.descriptor)", heredoc.expands ? "" : " quoted",
            heredoc.stripsTabs ? " strips-tabs" : "",
        ]
        line("heredoc \(heredoc.name.goQuoted)\(flags.joined()) \(heredoc.body.text.goQuoted)", depth: depth)
    }

    private mutating func operands(_ operands: CopyOperands, depth: Int) {
        for source in operands.sources {
            switch source {
            case .path(let path): field("source", path, depth: depth)
            case .heredoc(let heredoc): self.heredoc(heredoc, depth: depth)
            }
        }
        line("destination \(operands.destination.goQuoted)\(operands.isJSON ? " json" : "")", depth: depth)
    }

    private mutating func copy(_ copy: CopyInstruction, depth: Int) {
        field("from", copy.from, depth: depth)
        field("chown", copy.chown, depth: depth)
        field("chmod", copy.chmod, depth: depth)
        if copy.link { line("link", depth: depth) }
        if copy.parents { line("parents", depth: depth) }
        list("exclude", copy.exclude, depth: depth)
        operands(copy.operands, depth: depth)
    }

    private mutating func add(_ add: AddInstruction, depth: Int) {
        field("chown", add.chown, depth: depth)
        field("chmod", add.chmod, depth: depth)
        if add.link { line("link", depth: depth) }
        if let keep = add.keepGitDirectory { line("keep-git-dir \(keep)", depth: depth) }
        field("checksum", add.checksum, depth: depth)
        if let unpack = add.unpack { line("unpack \(unpack)", depth: depth) }
        list("exclude", add.exclude, depth: depth)
        operands(add.operands, depth: depth)
    }

    private mutating func healthcheck(_ check: HealthcheckInstruction, depth: Int) {
        line("test \(check.test.map(\.goQuoted).joined(separator: " "))", depth: depth)
        let durations = [
            ("interval", check.interval), ("timeout", check.timeout), ("start-period", check.startPeriod),
            ("start-interval", check.startInterval),
        ]
        for (name, duration) in durations where duration != .zero { line("\(name) \(duration)", depth: depth) }
        if check.retries != 0 { line("retries \(check.retries)", depth: depth) }
    }

    private func describe(_ selection: RuleSelection) -> String {
        switch selection {
        case .all: "all"
        case .names(let names): names.sorted().joined(separator: ",")
        }
    }

    private func describe(_ check: CheckOptions) -> String {
        "skip=\(describe(check.skip)) experimental=\(describe(check.experimental)) error=\(check.error)"
    }

    private func describe(_ finding: LintFinding) -> String {
        "\(finding.range) \(finding.rule.rawValue): \(finding.message)"
    }
}
