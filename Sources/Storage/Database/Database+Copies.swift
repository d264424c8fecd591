import OCI

// Which layer holds what a copy made last.
extension Database {
    /// The layer that the copy called `source` made last; `nil` if there is none.
    func copy(_ source: Digest) throws -> LayerID? {
        try withConnection { connection in
            try connection.query("SELECT layer FROM copies WHERE source = ?", .text(source.description)) { row in
                row.text(0).flatMap { LayerID($0) }
            }.first ?? nil
        }
    }

    /// Records the layer that the copy called `source` has made.
    func setCopy(_ layer: LayerID, of source: Digest) throws {
        try withConnection { connection in
            try connection.run(
                "INSERT OR REPLACE INTO copies VALUES (?, ?)",
                .text(source.description),
                .text(layer.name)
            )
        }
    }
}
