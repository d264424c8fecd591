import BuildProgress
import DockerfileParser

/// The findings at the end of a build (spec/09 §9.7).
struct FindingList {
    let findings: [LintFinding]
    let source: SourceFile
    /// Whether each is explained and shown with its lines.
    let isDetailed: Bool
    let isColored: Bool

    /// A blank line, how many there are, then one line each, in the order found.
    var text: String {
        let count = findings.count == 1 ? "1 warning found" : "\(findings.count) warnings found"
        let title = count + (isDetailed ? ":" : " (use --debug to expand):")
        let lines = findings.map { " - \($0.line)\n" + (isDetailed ? details(of: $0) : "") }
        return "\n " + TerminalColors.paint(title, isColored ? "33" : nil) + "\n" + lines.joined()
    }

    private func details(of finding: LintFinding) -> String {
        let url = finding.rule.url.map { "More info: \($0)\n" } ?? ""
        return "\(finding.rule.description)\n" + url + SourceExcerpt.render(source, finding.range) + "\n"
    }
}
