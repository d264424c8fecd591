import LinuxSystem
import OCI
import Synchronization

/// Copies of Git repositories, which are kept between builds: `git/<digest of the URL>`.
package final class GitMirrors: Sendable {
    /// The directory that holds them, for programs.
    package let path: Path
    let mirrors: SharedDirectory
    private let database: Database
    private let inUse: ItemsInUse
    private let used = Mutex<Set<String>>([])

    init(root: Path, directory: borrowing Directory, database: Database, inUse: ItemsInUse) throws {
        path = root.appending("git")
        mirrors = SharedDirectory(try directory.openDirectory("git"))
        self.database = database
        self.inUse = inUse
    }

    /// The name of the copy of a repository.
    package static func name(of url: String) -> String { Digest.sha256(of: url).hex }

    /// Says that this process uses the copy of a repository from now on; waits shortly where it is being removed.
    ///
    /// `shownURL` is the URL without credentials, which is recorded.
    package func use(_ url: String, shownURL: String) throws {
        let name = Self.name(of: url)
        guard used.withLock({ $0.insert(name).inserted }) else { return }
        try inUse.holdNew(.mirror(name))
        try database.withConnection { connection in
            try connection.run(
                """
                INSERT INTO mirrors (name, url, created_at, last_used, usage_count) VALUES (?, ?, ?, ?, 1)
                ON CONFLICT (name) DO UPDATE SET last_used = excluded.last_used, usage_count = usage_count + 1
                """,
                .text(name),
                .text(shownURL),
                FileTime.currentSecond,
                FileTime.currentSecond
            )
        }
    }

    /// All copies, with the sizes that are recorded.
    func usage() throws -> [UsageRecord] {
        let known = try database.withConnection { connection in
            try connection.query("SELECT name, url, size, created_at, last_used, usage_count FROM mirrors") { row in
                UsageRecord(
                    id: String((row.text(0) ?? "").prefix(12)),
                    item: .mirror(row.text(0) ?? ""),
                    kind: .gitMirror,
                    size: row.integer(2),
                    createdAt: row.integer(3),
                    lastUsed: row.integer(4),
                    usageCount: Int(row.integer(5)),
                    description: "git repository \(row.text(1) ?? "")",
                    isMutable: true
                )
            }
        }
        let recorded = Dictionary(known.map { ($0.item, $0) }) { first, _ in first }
        return try mirrors.directory.entries().map { entry in
            // One without a record was made by an earlier version, or is being made.
            recorded[.mirror(entry.name.string)]
                ?? UsageRecord(
                    id: String(entry.name.string.prefix(12)),
                    item: .mirror(entry.name.string),
                    kind: .gitMirror,
                    size: 0,
                    createdAt: 0,
                    lastUsed: 0,
                    usageCount: 0,
                    description: "git repository",
                    isMutable: true
                )
        }
    }

    /// Removes a copy that the caller has claimed.
    func remove(_ name: String) throws {
        try database.withConnection { connection in
            try connection.run("DELETE FROM mirrors WHERE name = ?", .text(name))
        }
        // At once, so that nobody ever finds a part of it.
        let gone = Path(name + ".gone")
        try mirrors.directory.removeTree(gone)
        if try mirrors.directory.statusIfExists(Path(name)) != nil {
            try mirrors.directory.rename(Path(name), to: gone)
            try mirrors.directory.removeTree(gone)
        }
    }

    /// Records how much the copies take that this process has used.
    func recordSizes() throws {
        for name in used.withLock({ $0 }) {
            var meter = DiskMeter()
            try setSize(try meter.measure(Path(name), in: mirrors.directory), of: name)
        }
    }

    func setSize(_ size: Int64, of name: String) throws {
        try database.withConnection { connection in
            try connection.run("UPDATE mirrors SET size = ? WHERE name = ?", .integer(size), .text(name))
        }
    }
}
