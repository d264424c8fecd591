import OCI

/// Reports what happens to one vertex.
package struct VertexProgress: Sendable {
    package let vertex: Digest
    package let name: String
    private let sink: any ProgressSink

    /// Reports on the vertex with the given id.
    package init(sink: any ProgressSink, vertex: Digest, name: String) {
        self.sink = sink
        self.vertex = vertex
        self.name = name
    }

    /// Reports on a vertex that is not part of the graph: its id is random, so that equal names stay apart.
    package init(sink: any ProgressSink, name: String) {
        let id = Digest.sha256(of: "\(name) \(UInt64.random(in: 0...UInt64.max))")
        self.init(sink: sink, vertex: id, name: name)
    }

    /// The time for events made now.
    package var now: Timestamp { sink.now }

    /// The vertex is part of the build.
    package func announce(inputs: [Digest] = []) {
        emit(.announced(name: name, inputs: inputs))
    }

    /// The vertex begins, or begins again.
    package func start(inputs: [Digest] = []) {
        emit(.started(name: name, inputs: inputs))
    }

    /// The vertex is done.
    package func complete() {
        emit(.completed)
    }

    /// The vertex had nothing to do.
    package func cached() {
        emit(.cached)
    }

    /// The vertex failed with a message of one line.
    package func fail(_ message: String) {
        emit(.failed(message))
    }

    /// The vertex was stopped because the build was, or because another one failed.
    package func cancel() {
        emit(.canceled)
    }

    /// The vertex ended with `error`; in a cancelled task it was cancelled, whatever the error says.
    package func end(with error: any Error) {
        if error is CancellationError || Task.isCancelled {
            cancel()
        } else {
            fail("\(error)")
        }
    }

    /// The vertex's process wrote `bytes`; lines need not be complete.
    package func log(_ bytes: [UInt8], to stream: ProgressEvent.LogStream = .output) {
        emit(.log(stream, bytes))
    }

    /// Warns about the vertex.
    package func warn(_ warning: ProgressWarning) {
        emit(.warning(warning))
    }

    /// Begins a part of the work that is shown as a line of its own.
    package func status(_ id: String, total: Int64 = 0) -> StatusProgress {
        let status = StatusProgress(progress: self, id: id, total: total, started: now)
        status.update(0)
        return status
    }

    /// Runs `body` as a part of the work that is shown as a line of its own.
    package func status<Result>(_ id: String, body: () async throws -> Result) async throws -> Result {
        let status = status(id)
        let result = try await body()
        status.complete()
        return result
    }

    /// Reports a status made elsewhere.
    package func report(_ status: ProgressStatus) {
        emit(.status(status))
    }

    private func emit(_ kind: ProgressEvent.Kind) {
        sink.emit(ProgressEvent(time: sink.now, vertex: vertex, kind: kind))
    }
}

/// Reports on a part of a vertex's work.
package struct StatusProgress: Sendable {
    let progress: VertexProgress
    let id: String
    let total: Int64
    let started: Timestamp

    /// `current` bytes are done.
    package func update(_ current: Int64) {
        progress.report(ProgressStatus(id: id, current: current, total: total, started: started))
    }

    /// The part is done; `current` is how many bytes it was, `nil` the total.
    package func complete(_ current: Int64? = nil) {
        progress.report(
            ProgressStatus(
                id: id,
                current: current ?? total,
                total: total,
                started: started,
                completed: progress.now
            )
        )
    }
}
