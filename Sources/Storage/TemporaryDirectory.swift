import LinuxSystem

/// A directory below `tmp` that is removed when this value ends, or by the next process if this one is killed.
package struct TemporaryDirectory: ~Copyable {
    package let path: Path
    package let directory: Directory
    private let name: Path
    private let home: Directory
    /// On the directory itself; tells other processes that its owner lives.
    private let lock: FileLock

    init(in cache: borrowing Directory, root: Path) throws {
        let home = try cache.openDirectory("tmp")
        let name = Path(randomName())
        let claimed = try claimDirectory(name, in: home)
        path = root.appending("tmp").appending(name)
        directory = claimed.directory
        lock = claimed.lock
        self.name = name
        self.home = home
    }

    deinit {
        try? home.removeTree(name)
    }

    static func removeLeftovers(in cache: borrowing Directory) throws {
        let home = try cache.openDirectory("tmp")
        for entry in try home.entries() { try removeIfAbandoned(entry.name, in: home) }
    }
}

/// An open directory and the lock on it.
struct ClaimedDirectory: ~Copyable {
    let directory: Directory
    let lock: FileLock
}

/// Makes a directory and locks it, so that no other process takes it for a leftover.
func claimDirectory(_ name: Path, in home: borrowing Directory) throws -> ClaimedDirectory {
    var attempts = 0
    while true {
        do throws(SystemError) {
            // Between making and locking, another process may take it for a leftover.
            if try home.statusIfExists(name) == nil { try home.makeDirectory(name, mode: 0o700) }
            let directory = try home.openDirectory(name, .noSymlinks)
            guard let lock = try FileLock.tryAcquire(on: directory.descriptor.duplicate(), .exclusive) else { continue }
            let mine = try directory.descriptor.status()
            guard let present = try home.statusIfExists(name), present.inode == mine.inode else { continue }
            return ClaimedDirectory(directory: directory, lock: lock)
        } catch {
            attempts += 1
            guard error.isNotFound, attempts < 100 else { throw error }
        }
    }
}

/// Removes a file or directory whose owner does not hold its lock; `isLeftover` is asked under the lock.
func removeIfAbandoned(
    _ name: Path,
    in home: borrowing Directory,
    isLeftover: () throws -> Bool = { true }
) throws {
    do {
        let opened = try home.openFile(name, [.readOnly, .noFollow, .nonBlocking], .noSymlinks)
        guard let lock = try FileLock.tryAcquire(on: opened, .exclusive), try isLeftover() else { return }
        try home.removeTree(name)
        withExtendedLifetime(lock.descriptor.raw) {}
    } catch let error as SystemError where error.isNotFound {
        // Another process was faster.
    }
}

/// Twelve random hexadecimal digits.
func randomName() -> String {
    let digits = String(UInt64.random(in: 0..<(1 << 48)), radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
}
