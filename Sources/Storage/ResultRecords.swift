import LinuxSystem
import OCI

/// What a cache key led to.
package struct ResultRecord: Hashable, Sendable {
    package let snapshot: Snapshot
    /// What else belongs to the result, in the form that its writer chose.
    package let payload: [UInt8]?
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
    package func lookup(_ key: Digest) throws -> ResultRecord? {
        let found = try database.withConnection { connection in
            try connection.query(
                "SELECT layers, payload, created_at FROM results WHERE key = ?",
                .text(key.description)
            ) { ($0.text(0) ?? "", $0.blob(1), $0.integer(2)) }.first
        }
        guard let (text, payload, createdAt) = found else { return nil }
        guard let snapshot = Snapshot(parsing: text), try snapshots.contains(snapshot) else {
            try database.withConnection { connection in
                try connection.run("DELETE FROM results WHERE key = ?", .text(key.description))
            }
            return nil
        }
        snapshots.use(snapshot)
        return ResultRecord(snapshot: snapshot, payload: payload, createdAt: createdAt)
    }

    /// Records the result of a key, over an earlier one.
    package func record(
        _ key: Digest,
        _ snapshot: Snapshot,
        payload: [UInt8]? = nil,
        description: String = ""
    ) throws {
        try database.withConnection { connection in
            try connection.run(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, 0)",
                .text(key.description),
                .text(snapshot.description),
                payload.map { .blob($0) } ?? .null,
                .text(description),
                FileTime.currentSecond,
                FileTime.currentSecond
            )
        }
    }
}
