/// A set of lint rules as users write it: `all`, or names separated by commas.
package enum RuleSelection: Hashable, Sendable {
    case all
    /// Names as written; those that no rule has are kept and match nothing.
    case names(Set<String>)

    /// No rule at all.
    package static let none = RuleSelection.names([])

    /// Whether `rule` is selected; names compare with their case.
    package func contains(_ rule: LintRule) -> Bool {
        switch self {
        case .all: true
        case .names(let names): names.contains(rule.rawValue)
        }
    }

    /// The rules that either selects.
    package func union(_ other: RuleSelection) -> RuleSelection {
        guard case .names(let mine) = self, case .names(let theirs) = other else { return .all }
        return .names(mine.union(theirs))
    }
}

/// The options of the `check` directive or of `BUILDKIT_DOCKERFILE_CHECK`.
package struct CheckOptions: Hashable, Sendable {
    /// The rules that are turned off.
    package var skip: RuleSelection = .none
    /// The experimental rules that are turned on.
    package var experimental: RuleSelection = .none
    /// Whether violations fail the build.
    package var error = false
}
