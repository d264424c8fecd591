import LinuxSystem
import OCI

/// What an image reference stood for when it was last asked.
package struct ResolvedImage: Hashable, Sendable {
    /// Of the manifest or index.
    package let digest: Digest
    /// Seconds since 1970.
    package let lastSeen: Int64
}

extension Database {
    /// What a reference stood for on a platform; both as text, so that the caller decides what they hold.
    package func image(_ reference: String, platform: String) throws -> ResolvedImage? {
        try withConnection { connection in
            let found = try connection.query(
                "SELECT digest, last_seen FROM images WHERE reference = ? AND platform = ?",
                .text(reference),
                .text(platform)
            ) { ($0.text(0), $0.integer(1)) }.first
            guard let text = found?.0, let seen = found?.1, let digest = try? Digest(text) else { return nil }
            return ResolvedImage(digest: digest, lastSeen: seen)
        }
    }

    /// Records what a reference stands for on a platform, now.
    package func setImage(_ digest: Digest, reference: String, platform: String) throws {
        try withConnection { connection in
            try connection.run(
                "INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?)",
                .text(reference),
                .text(platform),
                .text(digest.description),
                FileTime.currentSecond
            )
        }
    }
}
