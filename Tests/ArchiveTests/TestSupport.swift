import Archive
import Glibc
import LinuxSystem

/// Whether owners and devices can be made; tests that need it say so.
let isRoot = geteuid() == 0

/// A fresh directory for one test, removed afterwards.
final class Scratch {
    let path: Path
    let directory: SharedDirectory

    init() throws {
        var template = Array("/tmp/swbuild-archive-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make directory", "/tmp", code: errno) }
        path = Path(bytes: template.map { UInt8(bitPattern: $0) })
        directory = SharedDirectory(try Directory.open(path))
    }

    deinit {
        try? Directory.open("/tmp").removeTree(path.lastComponent ?? "")
    }

    /// A new directory in it.
    func make(_ name: Path) throws -> SharedDirectory {
        try directory.directory.makeDirectory(name)
        return SharedDirectory(try directory.directory.openDirectory(name))
    }
}

/// Runs a program of the host and gives what it wrote; its error output goes into what is thrown.
@discardableResult
func run(_ program: String, _ arguments: [String], in directory: Path, input: [UInt8] = []) async throws -> [UInt8] {
    let result = try await Process.run(
        Process.Request(program, arguments, directory: directory, input: .bytes(input), output: .whole(limit: 64 << 20))
    )
    guard result.status.isSuccess else {
        throw ToolFailure(text: "\(program) \(arguments): \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return result.output
}

struct ToolFailure: Error {
    var text: String
}

/// An archive of the given entries with their contents.
func tar(_ entries: [(TarEntry, String)]) throws -> [UInt8] {
    var writer = TarWriter(MemorySink())
    for (entry, content) in entries { try writer.append(entry, content: Array(content.utf8)) }
    return try writer.finish().bytes
}

/// An archive of entries without content.
func tar(_ entries: TarEntry...) throws -> [UInt8] {
    try tar(entries.map { ($0, "") })
}

func file(_ path: Path, _ content: String = "") -> (TarEntry, String) {
    (TarEntry(path: path, kind: .regular), content)
}

func directory(_ path: Path, _ permissions: UInt32 = 0o755) -> (TarEntry, String) {
    (TarEntry(path: path, kind: .directory, permissions: permissions), "")
}

func symlink(_ path: Path, to target: Path) -> (TarEntry, String) {
    (TarEntry(path: path, kind: .symlink, permissions: 0o777, linkTarget: target), "")
}

func hardLink(_ path: Path, to target: Path) -> (TarEntry, String) {
    (TarEntry(path: path, kind: .hardLink, linkTarget: target), "")
}

/// All entries with their contents.
func read(_ archive: [UInt8], chunk: Int = .max) throws -> [(TarEntry, String)] {
    var reader = try TarReader(MemorySource(archive, chunk: chunk))
    var entries: [(TarEntry, String)] = []
    while let entry = try reader.next() {
        let content = try entry.kind == .regular ? reader.readAll() : []
        entries.append((entry, String(decoding: content, as: UTF8.self)))
    }
    return entries
}

/// Unpacks a layer with an ordinary user's means, so that the tests run without root.
@discardableResult
func unpack(_ archive: [UInt8], into directory: SharedDirectory) throws -> UnpackReport {
    let unpacker = try LayerUnpacker(
        into: directory.directory,
        ownership: isRoot ? .real : .ignoreRefused,
        marks: .overlay(userxattr: !isRoot)
    )
    return try unpacker.unpack(MemorySource(archive), layer: "sha256:test")
}

/// The layer that turns `parent` into what `upper` says.
func diff(
    _ upper: SharedDirectory,
    over parent: SharedDirectory? = nil,
    complete: Bool = false,
    epoch: Int64? = nil
) throws -> [UInt8] {
    let diff = try LayerDiff(
        upper: upper.directory,
        parent: parent,
        marks: .overlay(userxattr: !isRoot),
        isComplete: complete,
        rewriteTimestamp: epoch
    )
    var writer = TarWriter(MemorySink())
    try diff.write(to: &writer)
    return try writer.finish().bytes
}

extension SharedDirectory {
    /// The content of a file as text.
    func text(_ path: Path) throws -> String {
        String(decoding: try directory.readFile(path, .noSymlinks), as: UTF8.self)
    }

    func write(_ text: String, to path: Path, seconds: Int64 = 1) throws {
        try directory.writeFile(path, Array(text.utf8))
        try directory.setTimes(path, modified: FileTime(seconds: seconds))
    }

    func status(_ path: Path) throws -> FileStatus? {
        try directory.statusIfExists(path, .noSymlinks)
    }

    /// All paths below, sorted, directories with a slash.
    func paths() throws -> [String] {
        var paths: [String] = []
        try walk(directory) { entry, _ in
            paths.append(entry.path.string + (entry.status.kind == .directory ? "/" : ""))
            return .descend
        }
        return paths
    }
}

/// Bytes that look random and are always the same.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}

/// Text that compresses.
func prose(_ count: Int) -> [UInt8] {
    let words = ["layer ", "digest ", "snapshot ", "exporter ", "frontend "].map { Array($0.utf8) }
    var bytes: [UInt8] = []
    for number in noise(count / 6 + 1) where bytes.count < count { bytes += words[Int(number) % words.count] }
    return Array(bytes.prefix(count))
}
