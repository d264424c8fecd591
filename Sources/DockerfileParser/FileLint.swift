/// The build checks that look at the whole file, whatever stages are built (spec 1.13).
package enum FileLint {
    /// The violations in `file`; those that comments above an instruction turn off are left out, options of the
    /// `check` directive are not applied.
    package static func findings(in file: Dockerfile) -> [LintFinding] {
        var findings = file.warnings
        findings += file.globalArguments.flatMap(description(of:))
        for stage in file.stages { findings += self.findings(in: stage) }
        findings += stageNames(in: file.stages)
        findings += casing(in: file.stages)
        return findings
    }

    private static func findings(in stage: Stage) -> [LintFinding] {
        var findings = stageName(stage.from) + platform(stage.from) + description(of: stage.from)
        for instruction in stage.instructions {
            switch instruction {
            case .arg(let argument): findings += description(of: argument)
            case .env(let payload) where payload.isLegacy: findings += legacyFormat(payload.origin)
            case .label(let payload) where payload.isLegacy: findings += legacyFormat(payload.origin)
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

    private static func platform(_ from: FromInstruction) -> [LintFinding] {
        guard let platform = from.platform else { return [] }
        if platform == "$TARGETPLATFORM" || platform == "${TARGETPLATFORM}" {
            let message =
                "Setting platform to predefined \(platform) in FROM is redundant as this is the default behavior"
            return from.origin.finding(.redundantTargetPlatform, message)
        }
        guard !platform.utf8.contains(ASCII.dollar), !platform.isEmpty else { return [] }
        // A stage named after its platform is meant to be for that platform.
        let name = Array((from.stageName ?? "").utf8)
        let parts = platform.lowercased().split(separator: "/").prefix(2).map { architectures["\($0)"] ?? "\($0)" }
        guard !parts.contains(where: { name.contains(Array($0.utf8)) }) else { return [] }
        let message = "FROM --platform flag should not use constant value \(platform.goQuoted)"
        return from.origin.finding(.fromPlatformFlagConstDisallowed, message)
    }

    private static let architectures = [
        "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "armel": "arm", "i386": "386",
    ]

    private static func legacyFormat(_ origin: Origin) -> [LintFinding] {
        let word = origin.keyword
        let message = "\"\(word) key=value\" should be used instead of legacy \"\(word) key value\" format"
        return origin.finding(.legacyKeyValueFormat, message)
    }

    private static func description(of argument: ArgInstruction) -> [LintFinding] {
        description("ARG", names: argument.declarations.map(\.name), argument.origin)
    }

    private static func description(of from: FromInstruction) -> [LintFinding] {
        description("FROM", names: from.stageName.map { [$0] } ?? [], from.origin)
    }

    private static func description(_ keyword: String, names: [String], _ origin: Origin) -> [LintFinding] {
        guard let last = origin.comments.last, let first = names.first else { return [] }
        let word = last.split(separator: " ", omittingEmptySubsequences: false).first.map(String.init) ?? ""
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

extension [UInt8] {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard !part.isEmpty, part.count <= count else { return part.isEmpty }
        return (0...count - part.count).contains { self[$0...].starts(with: part) }
    }
}
