import BuildProgress
import BuildSolver
import LinuxSystem
import Storage

/// One build from its request to its outputs, and how it is told of.
struct BuildSession: Sendable {
    let request: BuildRequest
    let isolation: Isolation
    let start: EarlyStart

    /// Builds, reports, and gives the exit status: 0, 1, or 130 where the build was cancelled.
    func run() async -> Int32 {
        let definition = BuildDefinition()
        let recorder = BuildRecorder(request)
        do {
            if let path = request.report.imageIDFile { try ReportFile.remove(path) }
            let steps = BuildSteps(request: request, isolation: isolation, start: start, recorder: recorder)
            let result = try await steps.run(definition)
            tell(definition)
            tell(result)
            await tellDamage()
            return 0
        } catch {
            tell(definition)
            if let cache = try? await start.cache {
                recorder.keep(definition, nil, error, in: cache.history)
            }
            ErrorReport(error, source: definition.source).print()
            if request.report.forgetsLogs, error is VertexFailure {
                StandardStream.error.print("hint: `swbuild history logs` shows all that the steps wrote")
            }
            await tellDamage()
            return ErrorReport.isCancellation(error) ? 130 : 1
        }
    }

    /// What of the cache was lost and is made again.
    private func tellDamage() async {
        guard let cache = try? await start.cache else { return }
        if let damage = cache.database.damage { StandardStream.error.print("WARNING: \(damage)") }
        for digest in cache.content.dropped.digests {
            StandardStream.error.print("WARNING: the blob `\(digest)` of the cache was damaged, and was removed")
        }
    }

    /// What follows the progress, whether the build failed or not: that nothing was asked to be written, and the
    /// findings of the build checks (spec/09 §9.7).
    private func tell(_ definition: BuildDefinition) {
        guard !request.report.isQuiet else { return }
        if request.outputs.isEmpty {
            StandardStream.error.print(
                "WARNING: No output specified. The result will only remain in the build cache: "
                    + "`-o DIRECTORY` writes its files, `--push` pushes the image"
            )
        }
        guard request.report.progress != .rawjson, request.report.progress != .none, let source = definition.source,
            !definition.findings.isEmpty
        else { return }
        let list = FindingList(
            findings: definition.findings,
            source: source,
            isDetailed: request.report.isDetailed,
            isColored: StandardStream.error.isTerminal && (Process.variable("NO_COLOR") ?? "").isEmpty
        )
        StandardStream.error.print(list.text)
    }

    /// With `-q` the image's digest on stdout, unless an output is there.
    private func tell(_ result: BuildResult) {
        guard request.report.isQuiet, !request.writesToStandardOutput else { return }
        StandardStream.output.print(result.imageID?.description ?? "")
    }
}

extension ReportParameters {
    /// Whether progress is shown in a way that leaves only the last lines of a step's output on the screen.
    fileprivate var forgetsLogs: Bool {
        progress == .tty || progress == .auto && StandardStream.error.isTerminal
    }

    /// Runs `body` with a stream that is shown on stderr as the parameters say, and written down in `transcript`.
    func withProgress<Result: Sendable>(
        _ transcript: BuildTranscript? = nil,
        _ body: (ProgressStream) async throws -> Result
    ) async throws -> Result {
        let renderer = try ProgressChoice.renderer(progress)
        guard let transcript else { return try await Self.render(with: renderer, body) }
        return try await Self.render(with: TranscribingRenderer(renderer, into: transcript), body)
    }

    private static func render<Result: Sendable>(
        with renderer: any ProgressRenderer,
        _ body: (ProgressStream) async throws -> Result
    ) async throws -> Result {
        try await ProgressStream.run(
            renderer: renderer,
            output: { bytes in try? StandardStream.error.write(bytes) },
            body: body
        )
    }
}
