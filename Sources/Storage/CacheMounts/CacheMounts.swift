import LinuxSystem
import OCI
import Synchronization

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
    let database: Database
    let locks: Locks
    let inUse: ItemsInUse
    /// The volumes that steps of this process have used.
    let used = UsedVolumes()

    init(
        root: Path,
        directory: borrowing Directory,
        database: Database,
        locks: Locks,
        inUse: ItemsInUse
    ) throws {
        self.root = root
        mounts = SharedDirectory(try directory.openDirectory("mounts"))
        self.database = database
        self.locks = locks
        self.inUse = inUse
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
        try await acquire(identity, sharing, fresh, imported: { nil }, fill)
    }

    /// The same for an identity, for which what was imported under its `id` takes the place of a new volume; `adopt` is
    /// given the path of that before a step sees it.
    package func acquire(
        _ identity: CacheMountIdentity,
        sharing: Sharing,
        adopt: (Path) throws -> Void,
        fill: (Path) async throws -> Void
    ) async throws -> CacheMountLease {
        try await acquire(
            identity.text,
            sharing,
            false,
            imported: {
                guard let name = try adoptImported(identity) else { return nil }
                try adopt(path(of: name))
                return name
            },
            fill
        )
    }

    private func acquire(
        _ identity: String,
        _ sharing: Sharing,
        _ fresh: Bool,
        imported: () throws -> String?,
        _ fill: (Path) async throws -> Void
    ) async throws -> CacheMountLease {
        if fresh { try await locks.withKey("mounts \(identity)") { try forget(identity) } }
        while true {
            let lease = try await locks.withKey("mounts \(identity)") {
                try await take(identity, sharing, imported, fill)
            }
            guard let lease else {
                // Somebody reads, replaces or removes the volume.
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            // Not under the first lock: a step may hold the volume for long.
            if sharing == .locked { try await lease.lock(locks) }
            try noteUse(lease.name, sharing)
            return lease
        }
    }

    /// A lease of a volume, a new one if there is none; `nil` where the one there is must not be used now.
    private func take(
        _ identity: String,
        _ sharing: Sharing,
        _ imported: () throws -> String?,
        _ fill: (Path) async throws -> Void
    ) async throws -> CacheMountLease? {
        var known = try directories(identity)
        if known.isEmpty, let name = try imported() { known = [name] }
        for name in known {
            guard let lease = try lease(name) else {
                if sharing == .private { continue }
                return nil
            }
            if sharing != .private { return lease }
            if try lease.tryLock(locks) { return lease }
        }
        let lease = try await makeVolume(identity, fill)
        if sharing == .private { _ = try lease.tryLock(locks) }
        return lease
    }

    private func lease(_ name: String) throws -> CacheMountLease? {
        guard try inUse.hold(.volume(name)) else { return nil }
        let lease = CacheMountLease(name, path: path(of: name), in: inUse)
        // It may have been removed until just now.
        return try mounts.directory.statusIfExists(Path(name))?.kind == .directory ? lease : nil
    }

    private func noteUse(_ name: String, _ sharing: Sharing) throws {
        used.insert(name)
        try database.withConnection { connection in
            try connection.run(
                "UPDATE mounts SET last_used = ?, usage_count = usage_count + 1, sharing = ? WHERE directory = ?",
                FileTime.currentSecond,
                .text(sharing.rawValue),
                .text(name)
            )
        }
    }

    /// Removes a volume that the caller has claimed.
    func remove(_ name: String) throws {
        try database.withConnection { connection in
            try connection.run("DELETE FROM mounts WHERE directory = ?", .text(name))
        }
        try mounts.directory.removeTree(Path(name))
    }

    /// Removes directories without a record that nobody uses.
    func removeForgotten() throws {
        for entry in try mounts.directory.entries() {
            let name = entry.name.string
            guard try !isRecorded(name), let claim = try inUse.claim(.volume(name)), try !isRecorded(name) else {
                continue
            }
            try mounts.directory.removeTree(entry.name)
            withExtendedLifetime(claim) {}
        }
    }

    private func isRecorded(_ name: String) throws -> Bool {
        try database.withConnection { connection in
            try !connection.query("SELECT 1 FROM mounts WHERE directory = ?", .text(name)) { _ in () }.isEmpty
        }
    }

    func path(of name: String) -> Path { root.appending("mounts").appending(name) }

    func directories(_ identity: String) throws -> [String] {
        let names = try database.withConnection { connection in
            try connection.query(
                "SELECT directory FROM mounts WHERE id = ? ORDER BY created_at, directory",
                .text(identity)
            ) { $0.text(0) ?? "" }
        }
        return try names.filter { try mounts.directory.statusIfExists(Path($0))?.kind == .directory }
    }

    /// Makes a volume; it gets its record, without which it is rubbish, when it is filled.
    private func makeVolume(
        _ identity: String,
        _ fill: (Path) async throws -> Void
    ) async throws -> CacheMountLease {
        let name = randomName()
        // Before it is there, so that nobody takes it for rubbish.
        try inUse.holdNew(.volume(name))
        let lease = CacheMountLease(name, path: path(of: name), in: inUse)
        try mounts.directory.makeDirectory(Path(name))
        do {
            try await fill(lease.path)
        } catch {
            try? mounts.directory.removeTree(Path(name))
            throw error
        }
        try record(name, identity: identity)
        return lease
    }

    /// Records a volume that is filled.
    func record(_ name: String, identity: String) throws {
        try database.withConnection { connection in
            try connection.run(
                "INSERT INTO mounts (id, directory, created_at, last_used) VALUES (?, ?, ?, ?)",
                .text(identity),
                .text(name),
                FileTime.currentSecond,
                FileTime.currentSecond
            )
        }
    }

    /// The directories stay for whoever uses them now; they have no record and are removed by garbage collection.
    private func forget(_ identity: String) throws {
        try database.withConnection { connection in
            try connection.run("DELETE FROM mounts WHERE id = ?", .text(identity))
        }
    }
}

/// Names of volumes.
final class UsedVolumes: Sendable {
    private let state = Mutex<Set<String>>([])

    var names: Set<String> { state.withLock { $0 } }

    func insert(_ name: String) {
        state.withLock { state in _ = state.insert(name) }
    }
}
