import Glibc
import LinuxSystem

@testable import Exporters

/// A result's tree and a place for outputs, for one test.
struct ResultTree {
    let result: SharedDirectory
    /// The absolute path of an existing, empty directory.
    let place: Path

    /// Runs `body` with fresh directories, which are removed afterwards.
    static func with<R>(_ body: (ResultTree) throws -> R) throws -> R {
        var template = Array("/tmp/swbuild-exporters-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make directory", "/tmp", code: errno) }
        let path = Path(bytes: template.map { UInt8(bitPattern: $0) })
        defer { try? Directory.open("/tmp").removeTree(path.lastComponent ?? "") }
        let top = try Directory.open(path)
        for name: Path in ["result", "place"] { try top.makeDirectory(name) }
        return try body(
            ResultTree(
                result: SharedDirectory(try top.openDirectory("result")),
                place: path.appending("place")
            )
        )
    }

    /// Makes files of the result with their texts, and the directories on the way.
    func fill(_ files: [String: String]) throws {
        for (path, text) in files {
            try result.directory.makeDirectories(Path(path).parent)
            try result.directory.writeFile(Path(path), Array(text.utf8))
        }
    }

    /// Exports the result to a directory below `place`.
    func exportLocal(_ name: Path = "", time: FileTime? = nil) throws -> Int64 {
        try LocalExporter(destination: name.isEmpty ? place : place.appending(name), time: time)
            .export([.init(name: nil, root: result)], cancellation: CancellationFlag()) { _ in }
    }

    /// The text of a file below `place`.
    func text(_ path: Path) throws -> String {
        String(decoding: try Directory.open(place).readFile(path, .noSymlinks), as: UTF8.self)
    }

    /// The names in a directory below `place`, sorted.
    func names(_ path: Path = "") throws -> [String] {
        try Directory.open(place.appending(path)).entries().map(\.name.string).sorted()
    }
}
