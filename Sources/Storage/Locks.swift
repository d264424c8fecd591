import Glibc
import LinuxSystem
import OCI

/// Locks by key, between tasks and between processes.
package struct Locks: Sendable {
    private let directory: SharedDirectory

    init(_ directory: consuming Directory) {
        self.directory = SharedDirectory(directory)
    }

    /// Runs `body` while nobody else, in this process or another, holds `key`; waits for it first.
    package func withKey<R: Sendable>(_ key: String, _ body: () async throws -> R) async throws -> R {
        let lock = try await acquire(key)
        let result = try await body()
        withExtendedLifetime(lock) {}
        return result
    }

    /// Waits for the lock on `key` without blocking the pool; cancelling the task ends the wait.
    package func acquire(_ key: String) async throws -> KeyLock {
        try await acquire(Locks.name(key)) { KeyLock($0) }
    }

    /// The same for a step, of which there are so many that its file goes with the lock.
    package func acquireStep(_ key: String) async throws -> KeyLock {
        let name = Path(Locks.stepPrefix + Digest.sha256(of: key).hex.prefix(32))
        return try await acquire(name) { [directory] in KeyLock($0, file: name, in: directory) }
    }

    private func acquire(
        _ name: Path,
        _ made: @escaping @Sendable (consuming FileLock) -> KeyLock
    ) async throws -> KeyLock {
        let directory = directory
        if let lock = try FileLock.tryAcquire(name, in: directory.directory, .exclusive) { return made(lock) }
        return try await BlockingThread.run("lock") { flag in
            // flock(2) that waits cannot be woken for a cancellation: try, ever less often.
            var pause: UInt32 = 1_000
            while true {
                try flag.check()
                if let lock = try FileLock.tryAcquire(name, in: directory.directory, .exclusive) { return made(lock) }
                usleep(pause)
                pause = min(pause * 2, 50_000)
            }
        }
    }

    /// Takes the lock on `key` if nobody has it.
    package func tryAcquire(_ key: String) throws -> KeyLock? {
        let name = Locks.name(key)
        guard let lock = try FileLock.tryAcquire(name, in: directory.directory, .exclusive) else { return nil }
        return KeyLock(lock)
    }

    /// Removes the files of locks that nobody holds and that are more than a day old.
    func removeIdle(now: Int64 = FileTime.now.seconds) throws {
        for entry in try directory.directory.entries() where entry.name.string.hasPrefix("key-") {
            guard let status = try directory.directory.statusIfExists(entry.name),
                status.modified.seconds < now - 24 * 3600
            else { continue }
            // Who waits for it sees that it has another file now.
            try removeIfAbandoned(entry.name, in: directory.directory)
        }
    }

    /// Removes the files of steps whose processes were killed.
    func removeLeftovers() throws {
        for entry in try directory.directory.entries() where entry.name.string.hasPrefix(Locks.stepPrefix) {
            try removeIfAbandoned(entry.name, in: directory.directory)
        }
    }

    private static let stepPrefix = "step-"

    private static func name(_ key: String) -> Path {
        Path("key-\(Digest.sha256(of: key).hex.prefix(32))")
    }
}

/// A held lock; released when the last reference goes.
package final class KeyLock: Sendable {
    private let lock: FileLock
    /// What is removed with the lock: whoever waits for it notices that, and makes another one.
    private let file: (name: Path, directory: SharedDirectory)?

    fileprivate init(_ lock: consuming FileLock) {
        self.lock = lock
        file = nil
    }

    fileprivate init(_ lock: consuming FileLock, file name: Path, in directory: SharedDirectory) {
        self.lock = lock
        file = (name, directory)
    }

    deinit {
        if let file { try? file.directory.directory.remove(file.name) }
    }
}
