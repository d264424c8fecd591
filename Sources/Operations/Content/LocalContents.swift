import LinuxSystem
import OCI
import Synchronization

/// What was digested of local directories in a build: each selection once, whoever asks and however often.
final class LocalContents: Sendable {
    /// By the vertex of the directory and the digest of the selectors.
    private let tasks = Mutex<[Digest: [Digest: Task<ContentDigester.Content, any Error>]]>([:])

    /// What `selector` selects of a directory, which `digest` makes for the first who asks.
    ///
    /// It goes on where that one does not wait for it any more; `cancelAll` ends it.
    func content(
        of selector: Digest,
        in directory: Digest,
        _ digest: @Sendable @escaping () async throws -> ContentDigester.Content
    ) async throws -> ContentDigester.Content {
        let task = tasks.withLock { tasks in
            if let task = tasks[directory]?[selector] { return task }
            let task = Task.detached { try await digest() }
            tasks[directory, default: [:]][selector] = task
            return task
        }
        return try await task.value
    }

    /// Ends what nobody waits for any more.
    func cancelAll() {
        for task in tasks.withLock({ $0.values.flatMap(\.values) }) { task.cancel() }
    }
}
