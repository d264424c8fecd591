import DockerfileParser
import Synchronization

/// What the build checks say of a Dockerfile.
package struct CheckReport: Sendable {
    /// The Dockerfile.
    package let source: SourceFile
    /// What was found, in the order in which it was.
    package var findings: [LintFinding] = []
    /// Why the Dockerfile cannot be built, which ended the search; nil where nothing says so.
    package var error: FrontendError?
    /// Why base images are unavailable; findings that need them were not looked for.
    package var unresolved: [FrontendError] = []

    /// A report on a Dockerfile in which nothing was found yet.
    package init(source: SourceFile) {
        self.source = source
    }

    /// Whether all was looked at: an error ends the search, except that findings are errors.
    package var isComplete: Bool {
        guard let error else { return true }
        if case .lintViolations = error.problem { return true }
        return false
    }
}

/// Findings as they come, which outlive a failure.
final class FindingLog: Sendable {
    private let findings = Mutex<[LintFinding]>([])

    var all: [LintFinding] { findings.withLock(\.self) }

    func append(_ finding: LintFinding) {
        findings.withLock { $0.append(finding) }
    }
}
