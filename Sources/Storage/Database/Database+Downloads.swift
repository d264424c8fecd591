import LinuxSystem
import OCI

/// The version of a file that was last fetched from a URL.
package struct DownloadRecord: Hashable, Sendable {
    /// Of the file's bytes.
    package var digest: Digest
    /// The server's `ETag` and `Last-Modified`, by which it recognises the version.
    package var entityTag: String?
    package var lastModified: String?
    /// When the file was changed, in seconds since 1970; 0 where the server did not say.
    package var modified: Int64
    /// The name that the server gave the file.
    package var suggestedName: String?

    package init(
        digest: Digest,
        entityTag: String?,
        lastModified: String?,
        modified: Int64,
        suggestedName: String?
    ) {
        self.digest = digest
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.modified = modified
        self.suggestedName = suggestedName
    }
}

extension Database {
    /// What was last fetched from a source: a digest of the URL and of all else that the answer depends on, so that no
    /// credentials are kept.
    package func download(_ source: Digest) throws -> DownloadRecord? {
        try withConnection { connection in
            try connection.query(
                """
                SELECT digest, entity_tag, last_modified, modified, suggested_name FROM downloads WHERE source = ?
                """,
                .text(source.description)
            ) { row in
                row.text(0).flatMap { try? Digest($0) }.map { digest in
                    DownloadRecord(
                        digest: digest,
                        entityTag: row.text(1),
                        lastModified: row.text(2),
                        modified: row.integer(3),
                        suggestedName: row.text(4)
                    )
                }
            }.first ?? nil
        }
    }

    /// Records what was fetched from a source, in place of what was recorded before.
    package func setDownload(_ record: DownloadRecord, source: Digest) throws {
        try withConnection { connection in
            try connection.run(
                "INSERT OR REPLACE INTO downloads VALUES (?, ?, ?, ?, ?, ?, ?)",
                .text(source.description),
                .text(record.digest.description),
                record.entityTag.map { .text($0) } ?? .null,
                record.lastModified.map { .text($0) } ?? .null,
                .integer(record.modified),
                record.suggestedName.map { .text($0) } ?? .null,
                FileTime.currentSecond
            )
        }
    }
}
