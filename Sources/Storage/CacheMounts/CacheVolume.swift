import LinuxSystem

/// A cache mount's directory with what is recorded of it.
package struct CacheVolume: Hashable, Sendable {
    /// Of its directory, twelve hexadecimal digits.
    package let name: String
    /// The text by which steps find it: scope, `id`, and what else they ask for, line by line.
    package let identity: String
    /// Bytes on the disk when it was last measured.
    package var size: Int64
    /// Seconds since 1970.
    package let createdAt: Int64
    package let lastUsed: Int64
    package let usageCount: Int
    /// How the last step shared it; `nil` where none has used it.
    package let sharing: CacheMounts.Sharing?

    /// The id of the mount, as users know it.
    package var id: String { CacheMountIdentity.shown(field(1) ?? identity) }
    /// How owners are kept in it.
    package var scope: String { field(0) ?? "" }

    private func field(_ index: Int) -> String? {
        let lines = identity.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count > 1 ? String(lines[index]) : nil
    }

    func usage(size: Int64) -> UsageRecord {
        UsageRecord(
            id: name,
            item: .volume(name),
            kind: .cacheMount,
            size: size,
            createdAt: createdAt,
            lastUsed: lastUsed,
            usageCount: usageCount,
            description: "cache mount \(id)",
            isMutable: true
        )
    }
}

extension Database {
    /// All cache mounts that have a record, the one that was last used first.
    package func volumes() throws -> [CacheVolume] {
        try withConnection { connection in
            try connection.query(
                """
                SELECT directory, id, size, created_at, last_used, usage_count, sharing FROM mounts
                ORDER BY last_used DESC, directory
                """
            ) { row in
                CacheVolume(
                    name: row.text(0) ?? "",
                    identity: row.text(1) ?? "",
                    size: row.integer(2),
                    createdAt: row.integer(3),
                    lastUsed: row.integer(4),
                    usageCount: Int(row.integer(5)),
                    sharing: row.text(6).flatMap { CacheMounts.Sharing(rawValue: $0) }
                )
            }
        }
    }
}

extension CacheMounts {
    /// All volumes that have a record, the one that was last used first.
    package func volumes() throws -> [CacheVolume] { try database.volumes() }

    /// The bytes that a volume takes now.
    package func measure(_ volume: CacheVolume) throws -> Int64 {
        var meter = DiskMeter()
        let size = try meter.measure(Path(volume.name), in: mounts.directory)
        if size != volume.size { try setSize(size, of: volume.name) }
        return size
    }

    /// Whether a step uses a volume now.
    package func isInUse(_ volume: CacheVolume) throws -> Bool { try inUse.contains(.volume(volume.name)) }

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
