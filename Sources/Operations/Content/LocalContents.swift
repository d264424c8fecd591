import LinuxSystem
import OCI
import Synchronization

/// What was digested of local directories in a build: each selection once, whoever asks and however often.
final class LocalContents: Sendable {
    private struct State {
        /// By the vertex of the directory and the digest of the selectors.
        var tasks: [Digest: [Digest: Task<ContentDigester.Content, any Error>]] = [:]
        /// The same, of those that have ended.
        var known: [Digest: [Digest: ContentDigester.Content]] = [:]
    }

    private let state = Mutex(State())

    /// What `selector` selects of a directory, which `digest` makes for the first who asks.
    ///
    /// It goes on where that one does not wait for it any more; `cancelAll` ends it.
    func content(
        of selector: Digest,
        in directory: Digest,
        _ digest: @Sendable @escaping () async throws -> ContentDigester.Content
    ) async throws -> ContentDigester.Content {
        let task = state.withLock { state in
            if let task = state.tasks[directory]?[selector] { return task }
            let task = Task.detached { try await digest() }
            state.tasks[directory, default: [:]][selector] = task
            return task
        }
        let content = try await task.value
        state.withLock { $0.known[directory, default: [:]][selector] = content }
        return content
    }

    /// What was found of a selection; nil where nobody has it yet.
    func known(_ selector: Digest, in directory: Digest) -> ContentDigester.Content? {
        state.withLock { $0.known[directory]?[selector] }
    }

    /// Ends what nobody waits for any more.
    func cancelAll() {
        for task in state.withLock({ $0.tasks.values.flatMap(\.values) }) { task.cancel() }
    }
}
