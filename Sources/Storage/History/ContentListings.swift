import LinuxSystem
import OCI

/// The files that contents are made of, in `history/contents`: for each digest of a content the list of its entries.
///
/// They serve to say which file changed; no key depends on them.
package struct ContentListings: Sendable {
    /// A longer listing is not kept, in bytes before it is compressed.
    static let limit = 64 << 20
    private static let home: Path = "history/contents"

    private let root: SharedDirectory

    init(_ root: SharedDirectory) {
        self.root = root
    }

    /// Whether there is a listing of a content.
    package func contains(_ content: Digest) -> Bool {
        (try? root.directory.statusIfExists(ContentListings.home.appending(content.hex))) != nil
    }

    /// Begins a listing; it appears when it is finished.
    package func makeWriter() throws -> ContentListingWriter {
        try ContentListingWriter(try root.directory.openDirectory(ContentListings.home))
    }

    /// Hands the entries of a content to `body`, in their order; false where there is no listing, or a damaged one.
    package func read(_ content: Digest, _ body: (ContentEntry) throws -> Void) throws -> Bool {
        let path = ContentListings.home.appending(content.hex)
        guard let file = try? root.directory.openFile(path, [.readOnly, .noFollow]) else { return false }
        return try ContentListingCoder.read(file, body)
    }

    /// The size of each listing in bytes, by its content.
    func sizes() throws -> [String: Int64] {
        let directory = try root.directory.openDirectory(ContentListings.home)
        var sizes: [String: Int64] = [:]
        for entry in try directory.entries() {
            sizes["sha256:\(entry.name)"] = try directory.statusIfExists(entry.name)?.size
        }
        return sizes
    }

    /// Removes all other listings that are at least `minimumAge` seconds old.
    func keep(only contents: Set<String>, minimumAge: Int64) throws {
        let directory = try root.directory.openDirectory(ContentListings.home)
        let now = FileTime.now.seconds
        for entry in try directory.entries() where !contents.contains("sha256:\(entry.name)") {
            guard let status = try directory.statusIfExists(entry.name),
                now - status.modified.seconds >= minimumAge
            else { continue }
            try directory.removeTree(entry.name)
        }
    }
}
