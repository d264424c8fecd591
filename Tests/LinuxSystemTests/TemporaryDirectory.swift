import Glibc
import LinuxSystem

/// A fresh directory for one test; `withTemporaryDirectory` removes it.
func withTemporaryDirectory<R>(_ body: (borrowing Directory, Path) throws -> R) throws -> R {
    var template = Array("/tmp/swbuild-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make directory", "/tmp", code: errno) }
    let path = Path(bytes: template.map { UInt8(bitPattern: $0) })
    let directory = try Directory.open(path)
    defer { try? Directory.open("/tmp").removeTree(path.lastComponent ?? "") }
    return try body(directory, path)
}

/// The same for an async test.
func withTemporaryPath<R>(_ body: (Path) async throws -> R) async throws -> R {
    var template = Array("/tmp/swbuild-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make directory", "/tmp", code: errno) }
    let path = Path(bytes: template.map { UInt8(bitPattern: $0) })
    defer { try? Directory.open("/tmp").removeTree(path.lastComponent ?? "") }
    return try await body(path)
}

/// Whether the tests may mount; they say so where they do not run.
let isRoot = geteuid() == 0

extension Directory {
    /// The content of a file as text.
    func text(_ path: Path) throws -> String {
        String(decoding: try readFile(path), as: UTF8.self)
    }

    /// Makes a file with a text.
    func write(_ text: String, to path: Path) throws {
        try writeFile(path, Array(text.utf8))
    }
}
