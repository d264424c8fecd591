import LinuxSystem
import Synchronization

/// The records of the cache directory, in one SQLite file that several processes share.
///
/// What concerns each table is in an extension beside it. All calls block shortly: a lookup takes microseconds, a
/// write waits up to ten seconds for another process' write.
package final class Database: Sendable {
    private let connection: Mutex<Connection>

    /// Opens the file or makes it, and brings its tables up to date.
    package init(_ path: Path) throws {
        var connection = try Connection(path)
        try Database.migrate(&connection)
        self.connection = Mutex(connection)
    }

    /// Runs `body` with the connection, one thread at a time.
    func withConnection<R>(_ body: (inout Connection) throws -> sending R) throws -> sending R {
        try connection.withLock { connection in try body(&connection) }
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
    ]

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
