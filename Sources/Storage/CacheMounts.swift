import LinuxSystem
import OCI

/// Directories that steps keep between builds (`RUN --mount=type=cache`).
///
/// A volume is named by the caller's identity text, which holds id, base, owner and mode.
package struct CacheMounts: Sendable {
    /// Who may use a volume at the same time.
    package enum Sharing: String, Sendable, Hashable {
        case shared
        case `private`
        case locked
    }

    private let root: Path
    private let mounts: SharedDirectory
    private let database: Database
    private let locks: Locks

    init(root: Path, directory: borrowing Directory, database: Database, locks: Locks) throws {
        self.root = root
        mounts = SharedDirectory(try directory.openDirectory("mounts"))
        self.database = database
        self.locks = locks
    }

    /// Takes a volume, a new one if there is none; waits where it is locked.
    ///
    /// With `fresh`, as `--no-cache` wants it, the volume is a new empty one that later builds find, too.
    package func acquire(_ identity: String, sharing: Sharing, fresh: Bool = false) async throws -> CacheMountLease {
        let (name, taken) = try await locks.withKey("mounts \(identity)") { () -> (String, KeyLock?) in
            if fresh { try forget(identity) }
            let known = try directories(identity)
            if sharing == .private {
                for name in known {
                    if let lock = try locks.tryAcquire("mount \(name)") { return (name, lock) }
                }
                let name = try makeDirectory(identity)
                return (name, try locks.tryAcquire("mount \(name)"))
            }
            return (try known.first ?? makeDirectory(identity), nil)
        }
        // Not under the first lock: a step may hold the volume for long.
        let lock = sharing == .locked ? try await locks.acquire("mount \(name)") : taken
        return try lease(name, lock: lock)
    }

    /// All volumes that have a record.
    func usage() throws -> [UsageRecord] {
        let records = try database.withConnection { connection in
            try connection.query("SELECT directory, id, created_at, last_used, usage_count FROM mounts") { row in
                UsageRecord(
                    id: row.text(0) ?? "",
                    kind: .cacheMount,
                    size: 0,
                    createdAt: row.integer(2),
                    lastUsed: row.integer(3),
                    usageCount: Int(row.integer(4)),
                    description: row.text(1) ?? "",
                    isMutable: true
                )
            }
        }
        return try records.map { record in
            var record = record
            if let directory = try? mounts.directory.openDirectory(Path(record.id), .noSymlinks) {
                record.size = try diskUsage(of: directory)
            }
            return record
        }
    }

    /// Removes a volume.
    ///
    /// The caller has exclusive use of the cache directory.
    func remove(_ name: String) throws {
        try database.withConnection { connection in
            try connection.run("DELETE FROM mounts WHERE directory = ?", .text(name))
        }
        try mounts.directory.removeTree(Path(name))
    }

    /// Removes directories without a record.
    ///
    /// The caller has exclusive use of the cache directory.
    func removeForgotten() throws {
        let known = try database.withConnection { connection in
            Set(try connection.query("SELECT directory FROM mounts") { $0.text(0) ?? "" })
        }
        for entry in try mounts.directory.entries() where !known.contains(entry.name.string) {
            try mounts.directory.removeTree(entry.name)
        }
    }

    private func lease(_ name: String, lock: KeyLock?) throws -> CacheMountLease {
        try database.withConnection { connection in
            try connection.run(
                "UPDATE mounts SET last_used = ?, usage_count = usage_count + 1 WHERE directory = ?",
                FileTime.currentSecond,
                .text(name)
            )
        }
        let directory = try mounts.directory.openDirectory(Path(name), .noSymlinks)
        let isNew = try directory.entries().isEmpty
        return CacheMountLease(path: root.appending("mounts").appending(name), isNew: isNew, lock: lock)
    }

    private func directories(_ identity: String) throws -> [String] {
        let names = try database.withConnection { connection in
            try connection.query(
                "SELECT directory FROM mounts WHERE id = ? ORDER BY created_at, directory",
                .text(identity)
            ) { $0.text(0) ?? "" }
        }
        return try names.filter { try mounts.directory.statusIfExists(Path($0))?.kind == .directory }
    }

    private func makeDirectory(_ identity: String) throws -> String {
        let name = randomName()
        try mounts.directory.makeDirectory(Path(name))
        try database.withConnection { connection in
            try connection.run(
                "INSERT INTO mounts VALUES (?, ?, ?, ?, 0)",
                .text(identity),
                .text(name),
                FileTime.currentSecond,
                FileTime.currentSecond
            )
        }
        return name
    }

    /// The directories stay for whoever uses them now; they have no record and are removed by garbage collection.
    private func forget(_ identity: String) throws {
        try database.withConnection { connection in
            try connection.run("DELETE FROM mounts WHERE id = ?", .text(identity))
        }
    }
}

/// A cache mount's directory for as long as a step uses it.
package final class CacheMountLease: Sendable {
    package let path: Path
    /// Whether the directory was empty when it was taken, so that base content, owner and mode are still to be set.
    package let isNew: Bool
    private let lock: KeyLock?

    fileprivate init(path: Path, isNew: Bool, lock: KeyLock?) {
        self.path = path
        self.isNew = isNew
        self.lock = lock
    }
}
