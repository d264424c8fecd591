import BuildGraph
import BuildProgress
import BuildSolver
import LinuxSystem
import OCI
import Operations
import Storage
import Synchronization

/// Gathers what is kept of a build while it goes on, and makes the record at its end.
final class BuildRecorder: SolveObserver {
    private struct State {
        var graph = Graph.empty
        var scope: String?
        var secrets: GivenSecrets?
        var keys: [Digest: KeyParts] = [:]
    }

    let transcript = BuildTranscript()
    let id = BuildHistory.makeID()
    let started = Timestamp.now
    private let request: BuildRequest
    private let state = Mutex(State())

    init(_ request: BuildRequest) {
        self.request = request
    }

    /// The build begins with `context`.
    func begin(_ context: OperationContext) {
        state.withLock { state in
            state.scope = context.scope
            state.secrets = context.secrets.given
        }
    }

    /// What the keys of the vertices so far were made of.
    var keys: [Digest: KeyParts] { state.withLock { $0.keys } }

    /// The graph that will be solved.
    func defined(_ graph: Graph) { state.withLock { $0.graph = graph } }

    func keyed(_ vertex: Vertex, _ parts: KeyParts) { state.withLock { $0.keys[vertex.id] = parts } }

    /// Keeps the record of the build in `history`; whoever cannot write it, as on a full disk, loses no more than that.
    func keep(
        _ definition: BuildDefinition,
        _ result: BuildResult?,
        _ error: (any Error)?,
        in history: BuildHistory
    ) {
        let (record, log) = record(definition, result, error)
        try? history.store(record, log: log)
    }

    /// The record of the build, which has just ended, with its log.
    ///
    /// `result` is what was made; `error` what it failed with.
    func record(
        _ definition: BuildDefinition,
        _ result: BuildResult?,
        _ error: (any Error)?
    ) -> (record: BuildRecord, log: [HistoryLogEntry]) {
        let (graph, keys, scope, secrets) = state.withLock { ($0.graph, $0.keys, $0.scope, $0.secrets) }
        let writer = BuildRecordWriter(
            request: request,
            graph: graph,
            keys: keys,
            source: definition.source,
            secrets: secrets?.texts ?? [],
            started: started
        )
        var record = BuildRecord(
            id: id,
            name: writer.name,
            status: error == nil ? .completed : error.map(ErrorReport.isCancellation) == true ? .canceled : .failed,
            startedAt: started,
            nanoseconds: Timestamp.now.nanoseconds(since: started),
            definition: writer.definition
        )
        record.definition.scope = scope
        (record.steps, record.parts) = writer.steps(transcript.vertices)
        record.error = error.map { writer.redaction.text(ErrorReport.text($0)) }
        if let result { record.outputs = writer.outputs(result) }
        return (record, writer.log(transcript.log, of: record.steps))
    }
}
