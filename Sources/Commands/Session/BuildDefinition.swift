import BuildProgress
import DockerfileParser
import Synchronization

/// The Dockerfile of a build and what the checks find in it, as they become known: they are shown after a failure too.
final class BuildDefinition: Sendable {
    private struct State {
        var source: SourceFile?
        var vertex: VertexProgress?
        var findings: [LintFinding] = []
    }

    private let state = Mutex(State())

    /// The Dockerfile, once it is read.
    var source: SourceFile? { state.withLock(\.source) }

    /// What was found so far, in order.
    var findings: [LintFinding] { state.withLock(\.findings) }

    /// The Dockerfile was read; `vertex` is the one to warn about.
    func loaded(_ source: SourceFile, as vertex: VertexProgress) {
        state.withLock { state in
            state.source = source
            state.vertex = vertex
        }
    }

    /// Keeps a finding, and shows it as a warning about the vertex that loaded the Dockerfile (spec/09 §9.2).
    func report(_ finding: LintFinding) {
        let (vertex, file) = state.withLock { state in
            state.findings.append(finding)
            return (state.vertex, state.source?.name)
        }
        vertex?.warn(
            ProgressWarning(
                short: finding.line,
                detail: [finding.rule.description],
                url: finding.rule.url,
                file: file,
                lines: [finding.range.startLine...finding.range.endLine]
            )
        )
    }
}

extension LintFinding {
    /// The finding in one line: `RuleName: message (line 3)`.
    var line: String { "\(rule.rawValue): \(message) (line \(range.startLine))" }
}
