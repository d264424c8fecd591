import Glibc
import LinuxSystem
import OCI
import Storage

/// Whether the tests may mount; they say so where they do not run.
let isRoot = geteuid() == 0

/// Runs a test with a fresh directory that is removed afterwards.
func withTemporaryRoot<R>(_ body: (Path) async throws -> R) async throws -> R {
    var template = Array("/tmp/swbuild-storage-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make directory", "/tmp", code: errno) }
    let path = Path(bytes: template.map { UInt8(bitPattern: $0) })
    defer { try? Directory.open("/tmp").removeTree(path.lastComponent ?? "") }
    return try await body(path)
}

/// Opens a cache directory below a fresh directory.
func withCache<R>(
    _ kind: SnapshotKind = .overlay(userxattr: false),
    _ body: (CacheDirectory) async throws -> R
) async throws -> R {
    try await withTemporaryRoot { path in
        try await body(CacheDirectory.open(path.appending("cache"), snapshots: kind))
    }
}

extension CacheDirectory {
    /// The names in one of the directories, sorted.
    func names(in path: Path) throws -> [Path] {
        try directory.openDirectory(path).entries().map(\.name).sorted()
    }

    /// Commits a layer with files upon a parent.
    func layer(
        on parent: Snapshot = .empty,
        _ files: [Path: String],
        key: String? = nil
    ) throws -> Snapshot {
        let active = try snapshots.prepare(parent: parent)
        for (path, text) in files {
            try active.upper.makeDirectories(path.parent)
            try active.upper.writeFile(path, Array(text.utf8))
        }
        return try snapshots.commit(active, key: key)
    }
}

extension ResultKey: ExpressibleByStringInterpolation {
    /// The key of a text, for brevity.
    public init(stringLiteral text: String) { self.init(text: text) }
}
