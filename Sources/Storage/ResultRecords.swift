import LinuxSystem
import OCI

/// What a cache key led to.
package struct ResultRecord: Hashable, Sendable {
    package let snapshot: Snapshot
    /// The key that led to this snapshot first, where that was another.
    package let original: String?
    /// Seconds since 1970.
    package let createdAt: Int64
}

/// The result cache: cache keys and the snapshots that they led to.
package struct ResultRecords: Sendable {
    private let database: Database
    private let snapshots: Snapshotter

    init(database: Database, snapshots: Snapshotter) {
        self.database = database
        self.snapshots = snapshots
    }

    /// The result of a key; `nil` if there is none or one of its layers is gone, in which case it is forgotten.
    package func lookup(_ key: String) throws -> ResultRecord? {
        let found = try database.withConnection { connection in
            try connection.query(
                "SELECT layers, payload, created_at FROM results WHERE key = ?",
                .text(key)
            ) { ($0.text(0) ?? "", $0.blob(1), $0.integer(2)) }.first
        }
        guard let (text, original, createdAt) = found else { return nil }
        guard let snapshot = Snapshot(parsing: text), try snapshots.contains(snapshot) else {
            try database.withConnection { connection in
                try connection.run("DELETE FROM results WHERE key = ?", .text(key))
            }
            return nil
        }
        snapshots.use(snapshot)
        return ResultRecord(
            snapshot: snapshot,
            original: try original.flatMap { try valid(String(decoding: $0, as: UTF8.self), of: text) },
            createdAt: createdAt
        )
    }

    /// Whether there is a record of a key, good or not.
    package func contains(_ key: String) throws -> Bool {
        try database.withConnection { connection in
            try !connection.query("SELECT 1 FROM results WHERE key = ?", .text(key)) { _ in () }.isEmpty
        }
    }

    /// The content of what `selector` selects of the result of a key, whether that is there or not.
    package func content(of key: String, selector: Digest) throws -> Digest? {
        try database.contentLink(key, selector: selector)
    }

    /// Notes that content.
    package func note(_ content: Digest, of key: String, selector: Digest) throws {
        try database.noteContent(content, of: key, selector: selector)
    }

    /// An original key as long as it still leads to the same layers: it may have been made anew since.
    private func valid(_ original: String, of layers: String) throws -> String? {
        try database.withConnection { connection in
            try connection.query(
                "SELECT 1 FROM results WHERE key = ? AND layers = ?",
                .text(original),
                .text(layers)
            ) { _ in original }.first
        }
    }

    /// Records the result of a key, over an earlier one, and gives the record.
    ///
    /// An original key is one of the same scope: what comes before the last space.
    @discardableResult
    package func record(_ key: String, _ snapshot: Snapshot, description: String = "") throws -> ResultRecord {
        let row = DatabaseValue.text(snapshot.description)
        return try database.withConnection { connection in
            try connection.transaction { connection in
                // Without layers there is nothing that could be the same.
                let original = snapshot.isEmpty ? nil : try Self.firstKey(leadingTo: row, but: key, &connection)
                // What is known of an earlier result of the key is not true of this one.
                try connection.run("DELETE FROM content_links WHERE key = ?", .text(key))
                try connection.run(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, 0)",
                    .text(key),
                    row,
                    original.map { .blob(Array($0.utf8)) } ?? .null,
                    .text(description),
                    FileTime.currentSecond,
                    FileTime.currentSecond
                )
                return ResultRecord(snapshot: snapshot, original: original, createdAt: FileTime.now.seconds)
            }
        }
    }

    private static func firstKey(
        leadingTo layers: DatabaseValue,
        but key: String,
        _ connection: inout Connection
    ) throws -> String? {
        try connection.query(
            "SELECT key FROM results WHERE layers = ? AND payload IS NULL AND key <> ? ORDER BY created_at",
            layers,
            .text(key)
        ) { $0.text(0) ?? "" }.first { scope(of: $0) == scope(of: key) }
    }

    private static func scope(of key: String) -> Substring { key[..<(key.lastIndex(of: " ") ?? key.startIndex)] }
}
