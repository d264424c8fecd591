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
    let mounts: SharedDirectory
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
    /// A new volume is filled by `fill`, which is given its path, before anybody else can see it: one that was not
    /// filled to the end is none. With `fresh`, as `--no-cache` wants it, the volume is a new one that later builds find,
    /// too.
    package func acquire(
        _ identity: String,
        sharing: Sharing,
        fresh: Bool = false,
        fill: (Path) async throws -> Void = { _ in }
    ) async throws -> CacheMountLease {
        let (name, taken) = try await locks.withKey("mounts \(identity)") { () -> (String, KeyLock?) in
            if fresh { try forget(identity) }
            let known = try directories(identity)
            if sharing == .private {
                for name in known {
                    if let lock = try locks.tryAcquire("mount \(name)") { return (name, lock) }
                }
                let name = try await makeDirectory(identity, fill)
                return (name, try locks.tryAcquire("mount \(name)"))
            }
            if let name = known.first { return (name, nil) }
            return (try await makeDirectory(identity, fill), nil)
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
        return CacheMountLease(path: path(of: name), lock: lock)
    }

    private func path(of name: String) -> Path { root.appending("mounts").appending(name) }

    private func directories(_ identity: String) throws -> [String] {
        let names = try database.withConnection { connection in
            try connection.query(
                "SELECT directory FROM mounts WHERE id = ? ORDER BY created_at, directory",
                .text(identity)
            ) { $0.text(0) ?? "" }
        }
        return try names.filter { try mounts.directory.statusIfExists(Path($0))?.kind == .directory }
    }

    /// Makes a volume; it gets its record, without which it is rubbish, when it is filled.
    private func makeDirectory(_ identity: String, _ fill: (Path) async throws -> Void) async throws -> String {
        let name = randomName()
        try mounts.directory.makeDirectory(Path(name))
        do {
            try await fill(path(of: name))
        } catch {
            try? mounts.directory.removeTree(Path(name))
            throw error
        }
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
    private let lock: KeyLock?

    fileprivate init(path: Path, lock: KeyLock?) {
        self.path = path
        self.lock = lock
    }
}
