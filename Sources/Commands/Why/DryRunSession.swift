import BuildProgress
import LinuxSystem
import Storage

/// Tells what a build would run.
struct DryRunSession: Sendable {
    let request: BuildRequest
    let isolation: Isolation
    let start: EarlyStart
    let form: DocumentForm

    /// Looks everything up and prints the report; gives the exit status.
    func run() async -> Int32 {
        let definition = BuildDefinition()
        let recorder = BuildRecorder(request)
        do {
            let steps = BuildSteps(request: request, isolation: isolation, start: start, recorder: recorder)
            let foresight = try await ProgressStream.run(
                renderer: TranscribingRenderer(QuietRenderer(), into: recorder.transcript),
                output: { _ in },
                body: { try await steps.foresee($0, definition) }
            )
            let history = try await start.cache.history
            let older = try history.entries().compactMap { try history.record($0) }
            let (record, _) = recorder.record(definition, nil, nil)
            let explanation = StepExplanation(record, older: older, listings: history.listings, foresight)
            tellWarnings(recorder.transcript)
            try WhyReport(explanation, isDryRun: true).print(form)
            return 0
        } catch {
            ErrorReport(error, source: definition.source).print()
            return ErrorReport.isCancellation(error) ? 130 : 1
        }
    }

    /// Says what went wrong and did not matter enough to give up, as a cache elsewhere that could not be read.
    ///
    /// What is found in the Dockerfile is for a build to say.
    private func tellWarnings(_ transcript: BuildTranscript) {
        for vertex in transcript.vertices {
            for warning in vertex.warnings where warning.file == nil {
                StandardStream.error.print("WARNING: \(warning.short)")
            }
            if case .failed(let message) = vertex.ending { StandardStream.error.print("WARNING: \(message)") }
        }
    }
}
