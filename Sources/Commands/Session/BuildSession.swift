import BuildProgress
import DockerfileParser
import LinuxSystem
import Synchronization

/// One build from its request to its outputs, and how it is told of.
struct BuildSession: Sendable {
    let request: BuildRequest
    let isolation: Isolation

    /// Builds, reports, and gives the exit status: 0, 1, or 130 where the build was cancelled.
    func run() async -> Int32 {
        let source = Mutex<SourceFile?>(nil)
        do {
            let result = try await build { file in source.withLock { $0 = file } }
            if request.report.isQuiet { StandardStream.output.print(result.imageID?.description ?? "") }
            return 0
        } catch {
            ErrorReport(error, source: source.withLock(\.self)).print()
            return ErrorReport.isCancellation(error) ? 130 : 1
        }
    }

    private func build(_ remember: @Sendable (SourceFile) -> Void) async throws -> BuildResult {
        let renderer = try ProgressChoice.renderer(request.report.progress)
        let steps = BuildSteps(request: request, isolation: isolation)
        return try await Self.render(with: renderer) { progress in
            try await steps.run(progress, remember)
        }
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
