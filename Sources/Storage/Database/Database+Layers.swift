import LinuxSystem
import OCI

/// What is known about a layer.
package struct LayerRecord: Hashable, Sendable {
    package let id: LayerID
    /// The layer on which this one was made; `nil` at the bottom.
    package let parent: LayerID?
    /// Where it comes from, such as an image's chain id; unique.
    package let key: String?
    /// Bytes on the disk, with all that is kept beside its files, and without what it shares with an earlier layer.
    package let size: Int64
    /// What it shares with an earlier layer.
    package var sharing: FileSharing?
    /// Seconds since 1970.
    package let createdAt: Int64
    package let lastUsed: Int64
    package let usageCount: Int
    package let description: String
    package let kind: RecordKind
}

extension Database {
    /// All layers, in no order.
    package func layers() throws -> [LayerRecord] {
        try withConnection { connection in
            try connection.query("SELECT \(Database.layerColumns) FROM layers", row: Database.layer).compactMap(\.self)
        }
    }

    /// A layer by its id.
    package func layer(_ id: LayerID) throws -> LayerRecord? {
        try withConnection { connection in
            try connection.query(
                "SELECT \(Database.layerColumns) FROM layers WHERE id = ?",
                .text(id.name),
                row: Database.layer
            ).first ?? nil
        }
    }

    /// A layer by where it comes from.
    package func layer(key: String) throws -> LayerRecord? {
        try withConnection { connection in
            try connection.query(
                "SELECT \(Database.layerColumns) FROM layers WHERE key = ?",
                .text(key),
                row: Database.layer
            ).first ?? nil
        }
    }

    /// The latest layers without a key that are upon the same parent and as large: those that may hold the same.
    func siblings(of layer: LayerRecord) throws -> [LayerID] {
        try withConnection { connection in
            try connection.query(
                """
                SELECT id FROM layers WHERE parent IS ? AND size + shared_size = ? AND key IS NULL AND kind = ?
                ORDER BY created_at DESC LIMIT 8
                """,
                .optional(layer.parent?.name),
                .integer(layer.size + (layer.sharing?.size ?? 0)),
                .text(layer.kind.rawValue)
            ) { $0.text(0).flatMap { LayerID($0) } }.compactMap(\.self)
        }
    }

    func layerIDs() throws -> Set<String> {
        try withConnection { connection in
            Set(try connection.query("SELECT id FROM layers") { $0.text(0) ?? "" })
        }
    }

    /// Records a layer; false, and nothing recorded, if there is one with its key already.
    ///
    /// `boot` names the running kernel as long as the layer's files may not be on the disk.
    func insert(_ layer: LayerRecord, boot: String?) throws -> Bool {
        try withConnection { connection in
            try connection.run(
                "INSERT INTO layers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                .text(layer.id.name),
                .optional(layer.parent?.name),
                .optional(layer.key),
                .integer(layer.size),
                .integer(layer.createdAt),
                .integer(layer.lastUsed),
                .integer(Int64(layer.usageCount)),
                .text(layer.description),
                .text(layer.kind.rawValue),
                .optional(boot),
                .integer(layer.sharing?.size ?? 0),
                .optional(layer.sharing?.layer.name)
            )
            return connection.changes == 1
        }
    }

    /// Records what a layer takes on the disk.
    func setSize(_ size: Int64, of layer: LayerID) throws {
        try withConnection { connection in
            try connection.run("UPDATE layers SET size = ? WHERE id = ?", .integer(size), .text(layer.name))
        }
    }

    /// Removes the records of layers and of all that is made of them; gives the bytes that stay on the disk because other
    /// layers share them, and are theirs now.
    ///
    /// What several layers shared counts for each of them, until it is measured: never too little.
    @discardableResult
    func removeLayers(_ ids: Set<LayerID>) throws -> Int64 {
        if ids.isEmpty { return 0 }
        return try withConnection { connection in
            try connection.transaction { connection in
                var kept: Int64 = 0
                for id in ids { try connection.run("DELETE FROM layers WHERE id = ?", .text(id.name)) }
                for id in ids {
                    try connection.run("DELETE FROM copies WHERE layer = ?", .text(id.name))
                    kept += try Database.inheritFiles(of: id, &connection)
                }
                for table in ["results", "content_digests", "layer_blobs"] {
                    try Database.removeStacks(holding: ids, from: table, &connection)
                }
                return kept
            }
        }
    }

    /// Counts what layers share with one that goes as theirs alone; gives the bytes.
    private static func inheritFiles(of id: LayerID, _ connection: inout Connection) throws -> Int64 {
        let sizes = try connection.query("SELECT shared_size FROM layers WHERE shared_with = ?", .text(id.name)) {
            $0.integer(0)
        }
        if sizes.isEmpty { return 0 }
        try connection.run(
            "UPDATE layers SET size = size + shared_size, shared_size = 0, shared_with = NULL WHERE shared_with = ?",
            .text(id.name)
        )
        return sizes.reduce(0, +)
    }

    /// Layers that another run of the kernel left without writing them to the disk.
    func unsynchronizedLayers(otherThan boot: String) throws -> [LayerID] {
        try withConnection { connection in
            try connection.query("SELECT id FROM layers WHERE boot IS NOT NULL AND boot <> ?", .text(boot)) {
                $0.text(0).flatMap { LayerID($0) }
            }.compactMap(\.self)
        }
    }

    /// Records that all files of these layers are on the disk.
    func markSynchronized(_ ids: Set<LayerID>) throws {
        try withConnection { connection in
            try connection.transaction { connection in
                for id in ids { try connection.run("UPDATE layers SET boot = NULL WHERE id = ?", .text(id.name)) }
            }
        }
    }

    /// Records a use of layers, now.
    ///
    /// Uses within ten minutes count as one: builds that find everything in the cache write nothing.
    func touch(_ ids: Set<LayerID>) throws {
        let start = DatabaseValue.integer(FileTime.now.seconds - 600)
        try withConnection { connection in
            // One question for all of them: names need no quoting.
            let names = "[\(ids.map { "\"\($0.name)\"" }.joined(separator: ","))]"
            let stale = try connection.query(
                "SELECT id FROM layers WHERE last_used < ? AND id IN (SELECT value FROM json_each(?))",
                start,
                .text(names)
            ) { $0.text(0).flatMap { LayerID($0) } }.compactMap(\.self)
            if stale.isEmpty { return }
            try connection.transaction { connection in
                for id in stale {
                    try connection.run(
                        "UPDATE layers SET last_used = ?, usage_count = usage_count + 1 WHERE id = ?",
                        FileTime.currentSecond,
                        .text(id.name)
                    )
                }
            }
        }
    }

    private static let layerColumns =
        "id, parent, key, size, created_at, last_used, usage_count, description, kind"

    private static func layer(_ row: Row) -> LayerRecord? {
        guard let id = row.text(0).flatMap({ LayerID($0) }) else { return nil }
        return LayerRecord(
            id: id,
            parent: row.text(1).flatMap { LayerID($0) },
            key: row.text(2),
            size: row.integer(3),
            createdAt: row.integer(4),
            lastUsed: row.integer(5),
            usageCount: Int(row.integer(6)),
            description: row.text(7) ?? "",
            kind: row.text(8).flatMap { RecordKind(rawValue: $0) } ?? .regular
        )
    }

    private static func removeStacks(
        holding ids: Set<LayerID>,
        from table: String,
        _ connection: inout Connection
    ) throws {
        let column = table == "results" ? "layers" : "snapshot"
        let stacks = Set(try connection.query("SELECT \(column) FROM \(table)") { $0.text(0) ?? "" })
        for text in stacks {
            guard let snapshot = Snapshot(parsing: text), ids.isDisjoint(with: snapshot.layers) else {
                try connection.run("DELETE FROM \(table) WHERE \(column) = ?", .text(text))
                continue
            }
        }
    }
}

extension DatabaseValue {
    static func optional(_ text: String?) -> DatabaseValue {
        text.map { .text($0) } ?? .null
    }
}
