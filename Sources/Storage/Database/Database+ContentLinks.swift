import LinuxSystem
import OCI

// What is known of the content of results by their keys alone, so that what was made of it is found without them: after
// they were pruned, or where they never were (spec/05 §5.1).
extension Database {
    /// How long a link is kept that is not noted again.
    private static let lifetime: Int64 = 90 * 24 * 3600

    /// The content of what `selector` selects of the result of `key`; nil where nothing is known.
    package func contentLink(_ key: String, selector: Digest) throws -> Digest? {
        try withConnection { connection in
            try connection.query(
                "SELECT digest FROM content_links WHERE key = ? AND selector = ?",
                .text(key),
                .text(selector.description)
            ) { $0.text(0) }.first.flatMap(\.self).flatMap { try? Digest($0) }
        }
    }

    /// Notes the content of what `selector` selects of the result of `key`; writes nothing where that is known.
    package func noteContent(_ digest: Digest, of key: String, selector: Digest) throws {
        if try contentLink(key, selector: selector) == digest { return }
        try withConnection { connection in
            try connection.transaction { connection in
                try connection.run(
                    "INSERT OR REPLACE INTO content_links VALUES (?, ?, ?, ?)",
                    .text(key),
                    .text(selector.description),
                    .text(digest.description),
                    FileTime.currentSecond
                )
                try connection.run(
                    "DELETE FROM content_links WHERE noted_at < ?",
                    .integer(FileTime.now.seconds - Self.lifetime)
                )
            }
        }
    }
}
