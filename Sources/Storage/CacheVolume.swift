import LinuxSystem

/// A cache mount's directory with what is recorded of it.
package struct CacheVolume: Hashable, Sendable {
    /// Of its directory, twelve hexadecimal digits.
    package let name: String
    /// The text by which steps find it.
    package let identity: String
    /// Bytes on the disk when it was last measured.
    package let size: Int64
    /// Seconds since 1970.
    package let createdAt: Int64
    package let lastUsed: Int64
    package let usageCount: Int

    func usage(size: Int64) -> UsageRecord {
        UsageRecord(
            id: name,
            item: .volume(name),
            kind: .cacheMount,
            size: size,
            createdAt: createdAt,
            lastUsed: lastUsed,
            usageCount: usageCount,
            description: "cache mount \(identity)",
            isMutable: true
        )
    }
}

extension CacheMounts {
    /// All volumes that have a record.
    package func volumes() throws -> [CacheVolume] {
        try database.withConnection { connection in
            try connection.query(
                "SELECT directory, id, size, created_at, last_used, usage_count FROM mounts"
            ) { row in
                CacheVolume(
                    name: row.text(0) ?? "",
                    identity: row.text(1) ?? "",
                    size: row.integer(2),
                    createdAt: row.integer(3),
                    lastUsed: row.integer(4),
                    usageCount: Int(row.integer(5))
                )
            }
        }
    }

    func setSize(_ size: Int64, of name: String) throws {
        try database.withConnection { connection in
            try connection.run("UPDATE mounts SET size = ? WHERE directory = ?", .integer(size), .text(name))
        }
    }

    /// Records how much the volumes take that this process has used.
    func recordSizes() throws {
        for name in used.names {
            var meter = DiskMeter()
            try setSize(try meter.measure(Path(name), in: mounts.directory), of: name)
        }
    }
}
