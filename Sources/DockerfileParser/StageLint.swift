/// The build checks that concern the stages that are built (spec 1.13) and need no values of variables.
package enum StageLint {
    /// The violations in a stage.
    ///
    /// `hasShell` says whether its base has an explicit `SHELL`. Options of the `check` directive are not applied.
    package static func findings(in stage: Stage, hasShell: Bool = false) -> [LintFinding] {
        var findings: [LintFinding] = []
        var hasShell = hasShell
        var earlier: [String: Origin] = [:]
        for instruction in stage.instructions {
            let origin = instruction.origin
            switch instruction {
            case .shell: hasShell = true
            case .cmd(let payload):
                findings += repetition("CMD", origin, &earlier)
                if !hasShell { findings += form(payload.command, origin) }
            case .entrypoint(let payload):
                findings += repetition("ENTRYPOINT", origin, &earlier)
                if !hasShell { findings += form(payload.command, origin) }
            case .healthcheck: findings += repetition("HEALTHCHECK", origin, &earlier)
            case .arg(let payload): findings += secrets("ARG", payload.declarations.map(\.name), origin)
            case .env(let payload): findings += secrets("ENV", payload.pairs.map(\.key), origin)
            default: continue
            }
        }
        return findings
    }

    /// Reports the earlier one of two instructions of which only the last counts.
    private static func repetition(
        _ name: String,
        _ origin: Origin,
        _ earlier: inout [String: Origin]
    ) -> [LintFinding] {
        guard let previous = earlier.updateValue(origin, forKey: name) else { return [] }
        let message =
            "Multiple \(origin.keyword) instructions should not be used in the same stage because only the last one "
            + "will be used"
        guard !origin.skippedRules.contains(.multipleInstructionsDisallowed) else { return [] }
        return previous.finding(.multipleInstructionsDisallowed, message)
    }

    private static func form(_ command: CommandForm, _ origin: Origin) -> [LintFinding] {
        guard case .shell = command else { return [] }
        let message =
            "JSON arguments recommended for \(origin.keyword) to prevent unintended behavior related to OS signals"
        return origin.finding(.jsonArgsRecommended, message)
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
        let words = name.lowercased().split(separator: "_").map(String.init)
        return words.contains(where: secretWords.contains) && !words.contains(where: harmlessWords.contains)
    }
}
