/// A place that violates a build check; it does not stop the build by itself.
package struct LintFinding: Hashable, Sendable {
    /// The rule violated.
    package let rule: LintRule
    /// The text shown, without the rule's name.
    package let message: String
    /// The lines concerned.
    package let range: SourceRange

    /// A violation of `rule` at `range`.
    package init(rule: LintRule, message: String, range: SourceRange) {
        self.rule = rule
        self.message = message
        self.range = range
    }
}
