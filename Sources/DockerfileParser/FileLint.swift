/// The build checks that look at the whole file, whatever stages are built (spec 1.13).
package enum FileLint {
    /// The violations in `file`; those that comments above an instruction turn off are left out, options of the
    /// `check` directive are not applied.
    package static func findings(in file: Dockerfile) -> [LintFinding] {
        instructionFindings(in: file) + comparisonFindings(in: file)
    }

    /// The violations that lines and instructions show by themselves, which are known of a file with an error, too.
    package static func instructionFindings(in file: Dockerfile) -> [LintFinding] {
        var findings = file.warnings
        findings += file.globalArguments.flatMap(description(of:))
        for stage in file.stages { findings += self.findings(in: stage) }
        return findings
    }

    /// The violations that show when instructions are compared: stage names, and casing.
    package static func comparisonFindings(in file: Dockerfile) -> [LintFinding] {
        stageNames(in: file.stages) + casing(in: file.stages)
    }

    private static func findings(in stage: Stage) -> [LintFinding] {
        var findings = stageName(stage.from) + description(of: stage.from)
        for instruction in stage.instructions {
            switch instruction {
            case .arg(let argument): findings += description(of: argument)
            case .maintainer(let payload):
                let message = "Maintainer instruction is deprecated in favor of using label"
                findings += payload.origin.finding(.maintainerDeprecated, message)
            default: continue
            }
        }
        return findings
    }

    private static func stageName(_ from: FromInstruction) -> [LintFinding] {
        guard let written = from.stageNameAsWritten, let keyword = from.asKeyword else { return [] }
        var findings: [LintFinding] = []
        if written != written.lowercased() {
            findings += from.origin.finding(.stageNameCasing, "Stage name '\(written)' should be lowercase")
        }
        let casing = LetterCase(from.origin.keyword)
        if casing != .mixed && casing != LetterCase(keyword) {
            let message = "'\(keyword)' and '\(from.origin.keyword)' keywords' casing do not match"
            findings += from.origin.finding(.fromAsCasing, message)
        }
        return findings
    }

    private static func description(of argument: ArgInstruction) -> [LintFinding] {
        description("ARG", names: argument.declarations.map(\.name), argument.origin)
    }

    private static func description(of from: FromInstruction) -> [LintFinding] {
        description("FROM", names: from.stageName.map { [$0] } ?? [], from.origin)
    }

    private static func description(_ keyword: String, names: [String], _ origin: Origin) -> [LintFinding] {
        guard let last = origin.comments.last, let first = names.first else { return [] }
        let word = String(decoding: last.utf8.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        guard !names.contains(word) else { return [] }
        let shown = names.count > 1 ? "<arg_key>" : first
        let message = "Comment for \(keyword) should follow the format: `# \(shown) <description>`"
        return origin.finding(.invalidDefinitionDescription, message)
    }

    private static func stageNames(in stages: [Stage]) -> [LintFinding] {
        var findings: [LintFinding] = []
        var seen: Set<String> = []
        for stage in stages {
            guard let name = stage.name else { continue }
            let quoted = name.goQuoted
            if name == "context" || name == "scratch" {
                let message = "Stage name should not use the same name as reserved stage \(quoted)"
                findings += stage.from.origin.finding(.reservedStageName, message)
            }
            if !seen.insert(name).inserted {
                let message = "Duplicate stage name \(quoted), stage names should be unique"
                findings += stage.from.origin.finding(.duplicateStageName, message)
            }
        }
        return findings
    }

    private static func casing(in stages: [Stage]) -> [LintFinding] {
        let origins = stages.flatMap { [$0.from.origin] + $0.instructions.map(\.origin) }
        let cases = origins.map { LetterCase($0.keyword) }
        let lowers = cases.count { $0 == .lower }
        let majority = lowers > cases.count { $0 == .upper } ? LetterCase.lower : .upper
        var findings: [LintFinding] = []
        for (origin, letterCase) in zip(origins, cases) where letterCase != majority {
            let message =
                "Command '\(origin.keyword)' should match the case of the command majority (\(majority.rawValue))"
            findings += origin.finding(.consistentInstructionCasing, message)
        }
        return findings
    }
}

/// How the letters of a word are written.
private enum LetterCase: String {
    case lower = "lowercase"
    case upper = "uppercase"
    case mixed

    init(_ word: String) {
        self = word == word.lowercased() ? .lower : word == word.uppercased() ? .upper : .mixed
    }
}

extension Origin {
    /// A violation here, or nothing where a comment above turns the rule off.
    package func finding(_ rule: LintRule, _ message: String) -> [LintFinding] {
        skippedRules.contains(rule) ? [] : [LintFinding(rule: rule, message: message, range: range)]
    }
}
