import LinuxSystem
import Synchronization

/// A cache mount's directory for as long as a step uses it.
package final class CacheMountLease: Sendable {
    package let path: Path
    let name: String
    private let inUse: ItemsInUse
    /// Where the step has it for itself.
    private let lock = Mutex<KeyLock?>(nil)

    /// The caller holds the volume once for this.
    init(_ name: String, path: Path, in inUse: ItemsInUse) {
        self.name = name
        self.path = path
        self.inUse = inUse
    }

    deinit { inUse.release(.volume(name)) }

    /// Waits until no other step has the volume for itself.
    func lock(_ locks: Locks) async throws {
        let lock = try await locks.acquire("mount \(name)")
        self.lock.withLock { $0 = lock }
    }

    /// Takes the volume for this step alone; false where another one has it.
    func tryLock(_ locks: Locks) throws -> Bool {
        guard let lock = try locks.tryAcquire("mount \(name)") else { return false }
        self.lock.withLock { $0 = lock }
        return true
    }
}
