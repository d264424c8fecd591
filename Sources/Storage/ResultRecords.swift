import LinuxSystem
import OCI

/// What a cache key led to.
package struct ResultRecord: Hashable, Sendable {
    package let snapshot: Snapshot
    /// The key that led to this snapshot first, where that was another.
    package let original: ResultKey?
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
    package func lookup(_ key: ResultKey) throws -> ResultRecord? {
        let found = try database.withConnection { connection in
            try connection.query(
                "SELECT layers, payload, created_at FROM results WHERE key = ?",
                .text(key.description)
            ) { ($0.text(0) ?? "", $0.blob(1), $0.integer(2)) }.first
        }
        guard let (text, original, createdAt) = found else { return nil }
        guard let snapshot = Snapshot(parsing: text), try snapshots.contains(snapshot) else {
            try database.withConnection { connection in
                try connection.run("DELETE FROM results WHERE key = ?", .text(key.description))
            }
            return nil
        }
        snapshots.use(snapshot)
        return ResultRecord(
            snapshot: snapshot,
            original: try original.flatMap { bytes in
                try valid(ResultKey(text: String(decoding: bytes, as: UTF8.self)), of: text)
            },
            createdAt: createdAt
        )
    }

    /// Whether there is a record of a key, good or not.
    package func contains(_ key: ResultKey) throws -> Bool {
        try database.withConnection { connection in
            try !connection.query("SELECT 1 FROM results WHERE key = ?", .text(key.description)) { _ in () }.isEmpty
        }
    }

    /// The content of what `selector` selects of the result of a key, whether that is there or not.
    package func content(of key: ResultKey, selector: Digest) throws -> Digest? {
        try database.contentLink(key.description, selector: selector)
    }

    /// Notes that content.
    package func note(_ content: Digest, of key: ResultKey, selector: Digest) throws {
        try database.noteContent(content, of: key.description, selector: selector)
    }

    /// An original key as long as it still leads to the same layers: it may have been made anew since.
    private func valid(_ original: ResultKey, of layers: String) throws -> ResultKey? {
        try database.withConnection { connection in
            try connection.query(
                "SELECT 1 FROM results WHERE key = ? AND layers = ?",
                .text(original.description),
                .text(layers)
            ) { _ in original }.first
        }
    }

    /// Records the result of a key, over an earlier one, and gives the record.
    ///
    /// An original key is one of the same scope.
    @discardableResult
    package func record(_ key: ResultKey, _ snapshot: Snapshot, description: String = "") throws -> ResultRecord {
        let row = DatabaseValue.text(snapshot.description)
        return try database.withConnection { connection in
            try connection.transaction { connection in
                // Without layers there is nothing that could be the same.
                let original = snapshot.isEmpty ? nil : try Self.firstKey(leadingTo: row, but: key, &connection)
                // What is known of an earlier result of the key is not true of this one.
                try connection.run("DELETE FROM content_links WHERE key = ?", .text(key.description))
                try connection.run(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, 0)",
                    .text(key.description),
                    row,
                    original.map { .blob(Array($0.description.utf8)) } ?? .null,
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
        but key: ResultKey,
        _ connection: inout Connection
    ) throws -> ResultKey? {
        try connection.query(
            "SELECT key FROM results WHERE layers = ? AND payload IS NULL AND key <> ? ORDER BY created_at",
            layers,
            .text(key.description)
        ) { ResultKey(text: $0.text(0) ?? "") }.first { $0.scope == key.scope }
    }
}
