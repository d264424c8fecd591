import Glibc
import LinuxSystem

/// Calls `body` with the path of a new directory, which is removed afterwards.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/swbuild-registry-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make temporary directory", code: errno) }
    let path = template.withUnsafeBufferPointer { buffer in
        String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    do {
        let result = try await body(path)
        try removeDirectory(path)
        return result
    } catch {
        try removeDirectory(path)
        throw error
    }
}

/// Writes a file, with its parent directories.
func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws {
    let file = try FileDescriptor.open(Path(path), [.writeOnly, .create, .truncate], mode: mode)
    try file.writeAll(bytes)
}

private func removeDirectory(_ path: String) throws {
    let parent = try Directory.open("/tmp")
    try parent.removeTree(Path(String(path.dropFirst("/tmp/".count))))
}
