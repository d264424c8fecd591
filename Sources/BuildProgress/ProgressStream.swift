import OCI
import Synchronization

/// Collects events from a build and renders them from a loop that it owns.
///
/// A builder never waits: what the loop has not yet taken is kept, up to `logLimit` bytes of logs; beyond that logs are
/// dropped and a line says so.
package final class ProgressStream: ProgressSink {
    /// Writes bytes to wherever progress is shown.
    ///
    /// It must also write in a cancelled task.
    package typealias Output = @Sendable ([UInt8]) async -> Void

    private struct Pending {
        var events: [ProgressEvent] = []
        var logBytes = 0
        /// Vertices of which logs were dropped since the loop last took the events.
        var clipped: Set<Digest> = []
    }

    private let pending = Mutex(Pending())
    private let logLimit: Int
    private let clock: @Sendable () -> Timestamp

    private init(logLimit: Int, clock: @escaping @Sendable () -> Timestamp) {
        self.logLimit = logLimit
        self.clock = clock
    }

    package var now: Timestamp { clock() }

    package func emit(_ event: ProgressEvent) {
        pending.withLock { pending in
            if case .log(_, let bytes) = event.kind {
                guard pending.logBytes + bytes.count <= logLimit else {
                    if pending.clipped.insert(event.vertex).inserted {
                        pending.events.append(clippedNotice(event))
                    }
                    return
                }
                pending.logBytes += bytes.count
            }
            pending.events.append(event)
        }
    }

    /// Runs `body` with a stream that is rendered each `interval` until `body` returns or throws.
    ///
    /// Every event emitted before that is written when this function returns.
    package static func run<Result: Sendable>(
        renderer: some ProgressRenderer,
        interval: Duration = .milliseconds(100),
        logLimit: Int = 16 << 20,
        clock: @escaping @Sendable () -> Timestamp = { .now },
        output: @escaping Output,
        body: (ProgressStream) async throws -> Result
    ) async throws -> Result {
        let stream = ProgressStream(logLimit: logLimit, clock: clock)
        return try await withThrowingTaskGroup(of: (any ProgressRenderer).self) { group in
            group.addTask { await stream.renderLoop(renderer, interval: interval, output: output) }
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(stream))
            } catch {
                outcome = .failure(error)
            }
            group.cancelAll()
            if var renderer = try await group.next() {
                await stream.finish(&renderer, output: output)
            }
            return try outcome.get()
        }
    }

    /// Renders until the task is cancelled; what comes after that is left to `finish`.
    private func renderLoop(
        _ renderer: some ProgressRenderer,
        interval: Duration,
        output: Output
    ) async -> any ProgressRenderer {
        var renderer = renderer
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            await write(renderer.render(take(), at: now), to: output)
        }
        return renderer
    }

    private func finish(_ renderer: inout any ProgressRenderer, output: Output) async {
        await write(renderer.render(take(), at: now), to: output)
        await write(renderer.finish(at: now), to: output)
    }

    private func write(_ bytes: [UInt8], to output: Output) async {
        if !bytes.isEmpty {
            await output(bytes)
        }
    }

    private func take() -> [ProgressEvent] {
        pending.withLock { pending in
            defer { pending = Pending() }
            return pending.events
        }
    }

    private func clippedNotice(_ event: ProgressEvent) -> ProgressEvent {
        let text = "[output clipped: it came faster than it could be shown]\n"
        return ProgressEvent(time: event.time, vertex: event.vertex, kind: .log(.error, Array(text.utf8)))
    }
}
