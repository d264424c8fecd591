import LinuxSystem

/// What builds asked the world for, so that the next one of the same words can ask before it knows: a small file for each.
///
/// The answers in them are of then, and nothing may rely on them. A forecast that is lost, or was not kept, costs a build
/// some milliseconds, so nothing here fails.
package struct Forecasts: Sendable {
    /// The directory of the forecasts, below the cache directory.
    static let name: Path = "forecasts"
    /// How many are kept; the oldest go first.
    static let limit = 1000

    private let directory: SharedDirectory

    init(_ directory: consuming Directory) {
        self.directory = SharedDirectory(directory)
    }

    /// The forecasts of a cache directory that need not be open, nor exist.
    package init?(below root: Path) {
        guard let directory = try? Directory.open(root.appending(Self.name)) else { return nil }
        self.init(directory)
    }

    /// The lines kept under `key`, a name of hexadecimal digits; empty where there are none.
    package func lines(_ key: String) -> [String] {
        let bytes = try? directory.directory.readFile(Path(key), limit: 1 << 16, .noSymlinks)
        return String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Keeps lines under a key, in place of those that were there.
    package func keep(_ lines: [String], for key: String) {
        try? directory.directory.replaceFile(Path(key), with: Array(lines.map { $0 + "\n" }.joined().utf8))
        try? forgetOldest()
    }

    private func forgetOldest() throws {
        let entries = try directory.directory.entries()
        guard entries.count > Self.limit else { return }
        var ages: [(modified: FileTime, name: Path)] = []
        for entry in entries { ages.append((try directory.directory.status(entry.name).modified, entry.name)) }
        ages.sort { $0.modified < $1.modified }
        for (_, name) in ages.prefix(entries.count - Self.limit) { try directory.directory.remove(name) }
    }
}
