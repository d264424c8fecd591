import OCI

/// Where a build's events go.
package protocol ProgressSink: Sendable {
    /// Takes an event without ever waiting for whoever shows it.
    func emit(_ event: ProgressEvent)
    /// The time for events made now.
    var now: Timestamp { get }
}

extension ProgressSink {
    /// The time of the machine.
    package var now: Timestamp { .now }

    /// Runs `body` as a vertex of its own that is not part of the graph, and reports how it ended.
    package func vertex<Result>(
        _ name: String,
        body: (VertexProgress) async throws -> Result
    ) async throws -> Result {
        let progress = VertexProgress(sink: self, name: name)
        progress.start()
        do {
            let result = try await body(progress)
            progress.complete()
            return result
        } catch {
            progress.end(with: error)
            throw error
        }
    }
}

/// A sink for a build that nobody watches.
package struct SilentProgress: ProgressSink {
    /// A sink that drops every event.
    package init() {}

    package func emit(_ event: ProgressEvent) {}
}
