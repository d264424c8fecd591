import LinuxSystem
import OCI

/// A layer as it is sent to a registry.
package struct LayerBlob: Hashable, Sendable {
    /// Of the possibly compressed bytes, which the content store holds.
    package let digest: Digest
    /// Bytes.
    package let size: Int64
    /// Of the uncompressed tar stream.
    package let diffID: Digest

    package init(digest: Digest, size: Int64, diffID: Digest) {
        self.digest = digest
        self.size = size
        self.diffID = diffID
    }
}

// Digests that are expensive to compute. A snapshot's stack of layers never changes, so neither do they.
extension Database {
    /// The digest of what a selector picks of a snapshot; `nil` if it was never recorded.
    package func contentDigest(of snapshot: Snapshot, selector: Digest) throws -> Digest? {
        try withConnection { connection in
            try connection.query(
                "SELECT digest FROM content_digests WHERE snapshot = ? AND selector = ?",
                .text(snapshot.description),
                .text(selector.description)
            ) { $0.text(0) }.first?.flatMap { try? Digest($0) }
        }
    }

    /// Records the digest of what a selector picks of a snapshot.
    package func setContentDigest(_ digest: Digest, of snapshot: Snapshot, selector: Digest) throws {
        try withConnection { connection in
            try connection.run(
                "INSERT OR REPLACE INTO content_digests VALUES (?, ?, ?)",
                .text(snapshot.description),
                .text(selector.description),
                .text(digest.description)
            )
        }
    }

    /// The blob of the topmost layer of a snapshot, seen from those below; `nil` if none was made.
    ///
    /// `encoding` names compression and level, such as `gzip` or `zstd-9`. The blob itself may be gone.
    package func layerBlob(of snapshot: Snapshot, encoding: String) throws -> LayerBlob? {
        try withConnection { connection in
            try connection.query(
                "SELECT digest, size, diff_id FROM layer_blobs WHERE snapshot = ? AND encoding = ?",
                .text(snapshot.description),
                .text(encoding),
                row: Database.layerBlob
            ).first ?? nil
        }
    }

    /// All blobs of the topmost layer of a snapshot, by encoding.
    package func layerBlobs(of snapshot: Snapshot) throws -> [String: LayerBlob] {
        let rows = try withConnection { connection in
            try connection.query(
                "SELECT digest, size, diff_id, encoding FROM layer_blobs WHERE snapshot = ?",
                .text(snapshot.description)
            ) { ($0.text(3) ?? "", Database.layerBlob($0)) }
        }
        return Dictionary(rows.compactMap { name, blob in blob.map { (name, $0) } }) { first, _ in first }
    }

    /// Records the blob of the topmost layer of a snapshot.
    package func setLayerBlob(_ blob: LayerBlob, of snapshot: Snapshot, encoding: String) throws {
        try withConnection { connection in
            try connection.run(
                "INSERT OR REPLACE INTO layer_blobs VALUES (?, ?, ?, ?, ?)",
                .text(snapshot.description),
                .text(encoding),
                .text(blob.digest.description),
                .integer(blob.size),
                .text("\(blob.diffID) \(Database.check(blob))")
            )
        }
    }

    /// The layers whose blobs are recorded, by the digest of the blob.
    ///
    /// Of several layers with the same blob, the one with the least name.
    func blobOwners() throws -> [String: LayerID] {
        let rows = try withConnection { connection in
            try connection.query("SELECT digest, snapshot FROM layer_blobs") {
                ($0.text(0) ?? "", $0.text(1).flatMap { Snapshot(parsing: $0)?.layers.last })
            }
        }
        let pairs = rows.compactMap { digest, layer in layer.map { (digest, $0) } }
        return Dictionary(pairs, uniquingKeysWith: min)
    }

    private static func layerBlob(_ row: Row) -> LayerBlob? {
        guard let digest = row.text(0).flatMap({ try? Digest($0) }),
            let parts = row.text(2)?.split(separator: " "), let text = parts.first,
            let diffID = try? Digest(String(text))
        else { return nil }
        let blob = LayerBlob(digest: digest, size: row.integer(1), diffID: diffID)
        // A wrong diff id would be written to an image unseen.
        return parts.count == 2 && parts[1] == check(blob) ? blob : nil
    }

    private static func check(_ blob: LayerBlob) -> Substring {
        Digest.sha256(of: "\(blob.digest) \(blob.size) \(blob.diffID)").hex.prefix(16)
    }
}
