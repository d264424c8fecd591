import BuildGraph
import DockerfileParser

/// Keeps findings of rules that aren't turned off, each once, and tells of each as it is made: a build that fails later
/// still has them.
struct LintCollector: Sendable {
    private(set) var findings: [LintFinding] = []
    private let options: CheckOptions
    private let file: String
    private var tell: @Sendable (LintFinding) -> Void

    /// Nothing is kept while this is false: only the first platform reports.
    var isActive = true

    init(options: CheckOptions, file: String, tell: @escaping @Sendable (LintFinding) -> Void) {
        self.options = options
        self.file = file
        self.tell = tell
    }

    /// The same, which tells nobody.
    var silent: LintCollector {
        var copy = self
        copy.tell = { _ in }
        return copy
    }

    /// Keeps a finding about an instruction, unless the file or the comment above the instruction turns its rule off.
    mutating func report(_ rule: LintRule, _ message: String, at origin: Origin) {
        guard !origin.skippedRules.contains(rule) else { return }
        report(rule, message, range: origin.range)
    }

    /// Keeps a finding about some lines, unless the file turns its rule off.
    mutating func report(_ rule: LintRule, _ message: String, range: SourceRange) {
        guard isActive, options.reports(rule) else { return }
        let finding = LintFinding(rule: rule, message: message, range: range)
        guard !findings.contains(finding) else { return }
        findings.append(finding)
        tell(finding)
    }

    /// Keeps findings about lines of the file.
    mutating func report(_ findings: [LintFinding]) {
        for finding in findings { report(finding.rule, finding.message, range: finding.range) }
    }

    /// Throws where the file asks that findings fail the build.
    func failIfAsked() throws(FrontendError) {
        guard options.error, let first = findings.first else { return }
        var names: [String] = []
        for finding in findings where !names.contains(finding.rule.rawValue) {
            names.append(finding.rule.rawValue)
        }
        throw FrontendError(.lintViolations(names), at: [SourceLocation(file: file, range: first.range)])
    }
}

extension SourceLocation {
    /// The lines of a range of the given file.
    init(file: String, range: SourceRange) {
        self.init(file: file, lines: range.startLine...range.endLine)
    }
}
