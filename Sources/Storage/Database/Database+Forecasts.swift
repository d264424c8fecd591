import LinuxSystem

// What builds asked registries for, so that the next one of the same words can ask before it knows.
extension Database {
    /// How many forecasts are kept; the oldest go first.
    private static let maximumForecasts = 1000

    /// The image references that the last build under `key` asked registries for; empty where there was none.
    package func forecast(_ key: String) throws -> [String] {
        try withConnection { connection in
            let found = try connection.query("SELECT images FROM forecasts WHERE key = ?", .text(key)) { $0.text(0) }
            let lines = (found.first ?? nil)?.split(separator: "\n") ?? []
            return lines.map(String.init)
        }
    }

    /// Records what a build under `key` asked for, now.
    package func setForecast(_ images: [String], for key: String) throws {
        try withConnection { connection in
            try connection.transaction { connection in
                try connection.run(
                    "INSERT OR REPLACE INTO forecasts VALUES (?, ?, ?)",
                    .text(key),
                    .text(images.joined(separator: "\n")),
                    FileTime.currentSecond
                )
                try connection.run(
                    """
                    DELETE FROM forecasts WHERE key IN (
                        SELECT key FROM forecasts ORDER BY made_at DESC LIMIT -1 OFFSET ?
                    )
                    """,
                    .integer(Int64(Self.maximumForecasts))
                )
            }
        }
    }
}
