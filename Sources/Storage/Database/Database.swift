import LinuxSystem
import Synchronization

/// The records of the cache directory, in one SQLite file that several processes share.
///
/// What concerns each table is in an extension beside it. All calls block shortly: a lookup takes microseconds, a
/// write waits up to ten seconds for another process' write.
///
/// A file that is damaged is moved aside, and another one begins with nothing: what is not recorded is made again.
package final class Database: Sendable {
    private let connection: Mutex<Connection>
    private let path: Path
    private let wasReplaced = Atomic<Bool>(false)

    /// Opens the file or makes it, and brings its tables up to date.
    package init(_ path: Path) throws {
        self.path = path
        var damaged = false
        connection = Mutex(try Database.open(path, &damaged))
        if damaged { wasReplaced.store(true, ordering: .relaxed) }
    }

    /// What is to be told of a damaged file, for people; `nil` if it was not.
    package var damage: String? {
        guard wasReplaced.load(ordering: .relaxed) else { return nil }
        return "the cache database was damaged: it is kept as `\(Database.aside(path))`, and a new one was begun"
    }

    /// Runs `body` with the connection, one thread at a time; again with that of a new file where this one is damaged.
    func withConnection<R>(_ body: (inout Connection) throws -> sending R) throws -> sending R {
        try connection.withLock { connection in
            do {
                return try body(&connection)
            } catch {
                guard let error = error as? StorageError, error.isDamage else { throw error }
                connection = try Database.replace(path, connection.file)
                wasReplaced.store(true, ordering: .relaxed)
                return try body(&connection)
            }
        }
    }

    /// Brings everything from the log into the file, and makes the log empty; does nothing where others use it.
    func truncateLog() throws {
        try withConnection { connection in
            _ = try connection.query("PRAGMA wal_checkpoint(TRUNCATE)") { _ in () }
        }
    }

    /// Gives back what the file has free, where that is half of it and more than a megabyte; does nothing where others use
    /// it.
    func compact() throws {
        try withConnection { connection in
            let free = try connection.query("PRAGMA freelist_count") { $0.integer(0) }.first ?? 0
            let pages = try connection.query("PRAGMA page_count") { $0.integer(0) }.first ?? 0
            let size = try connection.query("PRAGMA page_size") { $0.integer(0) }.first ?? 0
            if free * size > 1 << 20, free * 2 > pages { try? connection.execute("VACUUM") }
        }
    }

    /// The schema's versions, in order; `user_version` counts those that were applied.
    private static let migrations = [
        """
        CREATE TABLE layers (
            id TEXT PRIMARY KEY, parent TEXT, key TEXT UNIQUE, size INTEGER NOT NULL, created_at INTEGER NOT NULL,
            last_used INTEGER NOT NULL, usage_count INTEGER NOT NULL DEFAULT 0, description TEXT NOT NULL,
            kind TEXT NOT NULL, boot TEXT
        ) WITHOUT ROWID;
        CREATE INDEX layers_boot ON layers (boot) WHERE boot IS NOT NULL;
        CREATE TABLE results (
            key TEXT PRIMARY KEY, layers TEXT NOT NULL, payload BLOB, description TEXT NOT NULL,
            created_at INTEGER NOT NULL, last_used INTEGER NOT NULL, usage_count INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE TABLE content_digests (
            snapshot TEXT NOT NULL, selector TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (snapshot, selector)
        ) WITHOUT ROWID;
        CREATE TABLE layer_blobs (
            snapshot TEXT NOT NULL, encoding TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
            diff_id TEXT NOT NULL, PRIMARY KEY (snapshot, encoding)
        ) WITHOUT ROWID;
        CREATE TABLE images (
            reference TEXT NOT NULL, platform TEXT NOT NULL, digest TEXT NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (reference, platform)
        ) WITHOUT ROWID;
        CREATE TABLE mounts (
            id TEXT NOT NULL, directory TEXT PRIMARY KEY, created_at INTEGER NOT NULL, last_used INTEGER NOT NULL,
            usage_count INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE INDEX mounts_id ON mounts (id);
        """,
        """
        CREATE TABLE downloads (
            source TEXT PRIMARY KEY, digest TEXT NOT NULL, entity_tag TEXT, last_modified TEXT, modified INTEGER NOT NULL,
            suggested_name TEXT, fetched_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE forecasts (key TEXT PRIMARY KEY, images TEXT NOT NULL, made_at INTEGER NOT NULL) WITHOUT ROWID;
        """,
        // They are files now, which can be read before the database is open.
        "DROP TABLE forecasts;",
        // What leads to the same: layers that may be equal, and keys with one result.
        """
        CREATE INDEX layers_parent ON layers (parent, size);
        CREATE INDEX results_layers ON results (layers);
        CREATE TABLE content_links (
            key TEXT NOT NULL, selector TEXT NOT NULL, digest TEXT NOT NULL, noted_at INTEGER NOT NULL,
            PRIMARY KEY (key, selector)
        ) WITHOUT ROWID;
        CREATE INDEX content_links_age ON content_links (noted_at);
        """,
        """
        ALTER TABLE mounts ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE mirrors (
            name TEXT PRIMARY KEY, url TEXT NOT NULL, size INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
            last_used INTEGER NOT NULL, usage_count INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        """,
        """
        ALTER TABLE mounts ADD COLUMN sharing TEXT;
        """,
        // Layers that have files in common with the earlier layer of the same copy.
        """
        ALTER TABLE layers ADD COLUMN shared_size INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE layers ADD COLUMN shared_with TEXT;
        CREATE INDEX layers_shared ON layers (shared_with) WHERE shared_with IS NOT NULL;
        CREATE TABLE copies (source TEXT PRIMARY KEY, layer TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX copies_layer ON copies (layer);
        """,
    ]

    private static func open(_ path: Path, _ damaged: inout Bool) throws -> Connection {
        let file = try? FileStatus.of(path).identity
        do {
            return try open(path)
        } catch {
            guard let error = error as? StorageError, error.isDamage else { throw error }
            damaged = true
            return try replace(path, file)
        }
    }

    private static func open(_ path: Path) throws -> Connection {
        var connection = try Connection(path)
        try migrate(&connection)
        return connection
    }

    /// Moves a damaged file aside, unless another process did, and opens the new one.
    private static func replace(_ path: Path, _ damaged: FileStatus.Identity?) throws -> Connection {
        let directory = try Directory.open(path.parent)
        let lock = try FileLock.acquire("locks/database", in: directory, .exclusive)
        defer { withExtendedLifetime(lock.descriptor.raw) {} }
        if let damaged, let name = path.lastComponent, try FileStatus.of(path).identity == damaged {
            // What is in the log belongs to the damaged file.
            for suffix in ["-wal", "-shm"] { try directory.removeTree(Path(name.string + suffix)) }
            try directory.rename(name, to: aside(name))
        }
        return try open(path)
    }

    private static func aside(_ path: Path) -> Path { Path(path.string + "-damaged") }

    private static func migrate(_ connection: inout Connection) throws {
        if try version(&connection) == migrations.count { return }
        try connection.transaction { connection in
            // Asked again: another process may have done it meanwhile.
            let present = try version(&connection)
            guard present <= migrations.count else { throw StorageError.newerDatabase(version: present) }
            for migration in migrations[present...] { try connection.execute(migration) }
            try connection.execute("PRAGMA user_version=\(migrations.count)")
        }
    }

    private static func version(_ connection: inout Connection) throws -> Int {
        try connection.query("PRAGMA user_version") { Int($0.integer(0)) }.first ?? 0
    }
}

extension FileTime {
    /// The present second, as times are kept in the database.
    static var currentSecond: DatabaseValue { .integer(FileTime.now.seconds) }
}
