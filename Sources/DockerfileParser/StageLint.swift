/// The build checks that concern the stages that are built (spec 1.13) and need no values of variables.
///
/// One value looks at the instructions of one stage, in their order.
package struct StageLint {
    /// The last instruction of each kind of which only the last counts.
    private var earlier: [String: Origin] = [:]

    /// Checks a stage from its beginning.
    package init() {}

    /// The violations in the next instruction of the stage, or that it makes of an earlier one.
    ///
    /// `hasShell` says whether a `SHELL` is in effect. Options of the `check` directive are not applied.
    package mutating func findings(in instruction: Instruction, hasShell: Bool) -> [LintFinding] {
        let origin = instruction.origin
        switch instruction {
        case .cmd(let payload): return repetition("CMD", origin) + (hasShell ? [] : Self.form(payload.command, origin))
        case .entrypoint(let payload):
            return repetition("ENTRYPOINT", origin) + (hasShell ? [] : Self.form(payload.command, origin))
        case .healthcheck: return repetition("HEALTHCHECK", origin)
        case .arg(let payload): return Self.secrets("ARG", payload.declarations.map(\.name), origin)
        case .env(let payload):
            let legacy = payload.isLegacy ? Self.legacyFormat(origin) : []
            return legacy + Self.secrets("ENV", payload.pairs.map(\.key), origin)
        case .label(let payload) where payload.isLegacy: return Self.legacyFormat(origin)
        default: return []
        }
    }

    /// The violations in all instructions of a stage whose base has no `SHELL`.
    package static func findings(in stage: Stage) -> [LintFinding] {
        var lint = StageLint()
        var hasShell = false
        return stage.instructions.flatMap { instruction in
            if case .shell = instruction { hasShell = true }
            return lint.findings(in: instruction, hasShell: hasShell)
        }
    }

    /// Reports the earlier one of two instructions of which only the last counts.
    private mutating func repetition(_ name: String, _ origin: Origin) -> [LintFinding] {
        guard let previous = earlier.updateValue(origin, forKey: name) else { return [] }
        guard !origin.skippedRules.contains(.multipleInstructionsDisallowed) else { return [] }
        let message =
            "Multiple \(origin.keyword) instructions should not be used in the same stage because only the last one "
            + "will be used"
        return previous.finding(.multipleInstructionsDisallowed, message)
    }

    private static func form(_ command: CommandForm, _ origin: Origin) -> [LintFinding] {
        guard case .shell = command else { return [] }
        let message =
            "JSON arguments recommended for \(origin.keyword) to prevent unintended behavior related to OS signals"
        return origin.finding(.jsonArgsRecommended, message)
    }

    private static func legacyFormat(_ origin: Origin) -> [LintFinding] {
        let word = origin.keyword
        let message = "\"\(word) key=value\" should be used instead of legacy \"\(word) key value\" format"
        return origin.finding(.legacyKeyValueFormat, message)
    }

    private static func secrets(_ keyword: String, _ names: [String], _ origin: Origin) -> [LintFinding] {
        names.filter(isSecret).flatMap { name in
            let message =
                "Do not use ARG or ENV instructions for sensitive data (\(keyword) \(name.goQuoted))"
            return origin.finding(.secretsUsedInArgOrEnv, message)
        }
    }

    private static let secretWords: Set<String> = [
        "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token",
    ]
    private static let harmlessWords: Set<String> = ["public", "file", "version"]

    /// Whether a variable's name sounds like a secret: one of its words between underscores does, none is harmless.
    package static func isSecret(_ name: String) -> Bool {
        let pieces = name.lowercased().utf8.split(separator: UInt8(ascii: "_"))
        let words = pieces.map { String(decoding: $0, as: UTF8.self) }
        return words.contains(where: secretWords.contains) && !words.contains(where: harmlessWords.contains)
    }
}
