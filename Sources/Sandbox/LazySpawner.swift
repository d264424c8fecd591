import Synchronization

/// A spawner that is started for the first step: a build whose steps are all cached needs none.
package final class LazySpawner: Sendable {
    private let spawner = Mutex<Spawner?>(nil)

    package init() {}

    /// The spawner, started now where it was not before.
    ///
    /// Throws ``SandboxError/spawnerNotStarted(code:)``; whoever asks next tries again.
    package func get() throws(SandboxError) -> Spawner {
        let result = spawner.withLock { spawner -> Result<Spawner, SandboxError> in
            if let spawner { return .success(spawner) }
            do throws(SandboxError) {
                let started = try Spawner.start()
                spawner = started
                return .success(started)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
