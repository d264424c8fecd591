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
        if let lock = try tryAcquire(key) { return lock }
        let name = Locks.name(key)
        let directory = directory
        return try await BlockingThread.run("lock") { flag in
            // flock(2) that waits cannot be woken for a cancellation: try, ever less often.
            var pause: UInt32 = 1_000
            while true {
                try flag.check()
                if let lock = try KeyLock(name, directory) { return lock }
                usleep(pause)
                pause = min(pause * 2, 50_000)
            }
        }
    }

    /// Takes the lock on `key` if nobody has it.
    package func tryAcquire(_ key: String) throws -> KeyLock? {
        try KeyLock(Locks.name(key), directory)
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

    private static func name(_ key: String) -> Path {
        Path("key-\(Digest.sha256(of: key).hex.prefix(32))")
    }
}

/// A held lock; released when the last reference goes.
package final class KeyLock: Sendable {
    private let lock: FileLock

    fileprivate init?(_ name: Path, _ directory: SharedDirectory) throws {
        guard let lock = try FileLock.tryAcquire(name, in: directory.directory, .exclusive) else { return nil }
        self.lock = lock
    }
}
