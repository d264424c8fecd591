import BuildProgress
import DockerfileParser
import LinuxSystem
import Synchronization

/// One build from its request to its outputs, and how it is told of.
struct BuildSession: Sendable {
    let request: BuildRequest
    let isolation: Isolation
    let start: EarlyStart

    /// Builds, reports, and gives the exit status: 0, 1, or 130 where the build was cancelled.
    func run() async -> Int32 {
        let source = Mutex<SourceFile?>(nil)
        do {
            warnOfMissingOutput()
            if let path = request.report.imageIDFile { try ReportFile.remove(path) }
            let result = try await build { file in source.withLock { $0 = file } }
            tell(result)
            return 0
        } catch {
            ErrorReport(error, source: source.withLock(\.self)).print()
            return ErrorReport.isCancellation(error) ? 130 : 1
        }
    }

    private func build(_ remember: @Sendable (SourceFile) -> Void) async throws -> BuildResult {
        let renderer = try ProgressChoice.renderer(request.report.progress)
        let steps = BuildSteps(request: request, isolation: isolation, start: start)
        return try await Self.render(with: renderer) { progress in
            try await steps.run(progress, remember)
        }
    }

    private func warnOfMissingOutput() {
        guard request.outputs.isEmpty, !request.report.isQuiet else { return }
        StandardStream.error.print(
            "WARNING: No output specified. The result will only remain in the build cache: "
                + "`-o DIRECTORY` writes its files, `--push` pushes the image"
        )
    }

    /// What follows the progress: the findings of the build checks on stderr; with `-q` the image's digest on stdout,
    /// unless an output is there.
    private func tell(_ result: BuildResult) {
        if request.report.isQuiet {
            guard !request.writesToStandardOutput else { return }
            StandardStream.output.print(result.imageID?.description ?? "")
        } else if !result.findings.isEmpty, request.report.progress != .rawjson {
            StandardStream.error.print(Self.text(result.findings))
        }
    }

    private static func text(_ findings: [LintFinding]) -> String {
        let count = findings.count == 1 ? "1 warning" : "\(findings.count) warnings"
        let lines = findings.map { " - \($0.rule.rawValue): \($0.message) (line \($0.range.startLine))\n" }
        return "\n \(count) found:\n" + lines.joined()
    }

    private static func render(
        with renderer: any ProgressRenderer,
        _ body: (ProgressStream) async throws -> BuildResult
    ) async throws -> BuildResult {
        try await ProgressStream.run(
            renderer: renderer,
            output: { bytes in try? StandardStream.error.write(bytes) },
            body: body
        )
    }
}
