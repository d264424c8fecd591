import LinuxSystem
import OCI
import Synchronization

/// What was digested of local directories in a build: each selection once, whoever asks and however often.
final class LocalContents: Sendable {
    /// What is selected of a directory.
    struct Selection: Hashable {
        /// The vertex of the directory.
        let source: Digest
        /// The digest of the selectors.
        let selector: Digest
    }

    private let tasks = Mutex<[Selection: Task<ContentDigester.Content, any Error>]>([:])

    /// The content of a selection, which `digest` makes for the first who asks.
    ///
    /// It goes on where that one does not wait for it any more; `cancelAll` ends it.
    func content(
        of selection: Selection,
        _ digest: @Sendable @escaping () async throws -> ContentDigester.Content
    ) async throws -> ContentDigester.Content {
        let task = tasks.withLock { tasks in
            if let task = tasks[selection] { return task }
            let task = Task.detached { try await digest() }
            tasks[selection] = task
            return task
        }
        return try await task.value
    }

    /// Ends what nobody waits for any more.
    func cancelAll() {
        for task in tasks.withLock({ Array($0.values) }) { task.cancel() }
    }
}
