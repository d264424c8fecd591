import BuildGraph
import Glibc
import LinuxSystem

@testable import Operations

/// Two directories for one test: what is copied from, and what is copied to.
struct Trees {
    let source: SharedDirectory
    let target: SharedDirectory

    /// Runs `body` with fresh directories, which are removed afterwards.
    static func with<R>(_ body: (Trees) throws -> R) throws -> R {
        var template = Array("/tmp/swbuild-operations-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make directory", "/tmp", code: errno) }
        let path = Path(bytes: template.map { UInt8(bitPattern: $0) })
        defer { try? Directory.open("/tmp").removeTree(path.lastComponent ?? "") }
        let top = try Directory.open(path)
        for name: Path in ["source", "target"] { try top.makeDirectory(name) }
        return try body(
            Trees(
                source: SharedDirectory(try top.openDirectory("source")),
                target: SharedDirectory(try top.openDirectory("target"))
            )
        )
    }

    /// Makes files of the source with their texts, and the directories on the way.
    func fill(_ files: [String: String]) throws {
        for (path, text) in files {
            try source.directory.makeDirectories(Path(path).parent)
            try source.directory.writeFile(Path(path), Array(text.utf8))
        }
    }

    /// The source as a copy sees it.
    func tree(_ ownership: SourceTree.Ownership = .kept, ignoring patterns: [String]? = nil) throws -> SourceTree {
        SourceTree(
            root: try source.directory.duplicate(),
            ownership: ownership,
            ignored: try patterns.map { try .init($0) }
        )
    }

    /// Copies as `COPY source destination` does.
    func copy(
        _ from: String,
        _ to: String,
        ownership: SourceTree.Ownership = .kept,
        ignoring patterns: [String]? = nil,
        change: (inout CopyAction) -> Void = { _ in }
    ) throws {
        var action = CopyAction(input: 1, source: from, destination: to)
        change(&action)
        try CopyRunner(root: WritableRoot(target), cancellation: CancellationFlag())
            .run(action, from: tree(ownership, ignoring: patterns))
    }

    /// The paths of the target with the kind of each, in order.
    func listing() throws -> [String] {
        try Self.list(target.directory, below: "").sorted()
    }

    /// The text of a file of the target.
    func text(_ path: Path) throws -> String {
        String(decoding: try target.directory.readFile(path, .noSymlinks), as: UTF8.self)
    }

    private static func list(_ directory: borrowing Directory, below path: Path) throws -> [String] {
        var names: [String] = []
        for entry in try directory.entries() {
            let place = path.appending(entry.name)
            let kind = try directory.status(entry.name).kind
            names.append(kind == .directory ? "\(place)/" : "\(place)\(kind == .symlink ? "@" : "")")
            if kind == .directory {
                names += try list(directory.openDirectory(entry.name, .noSymlinks), below: place)
            }
        }
        return names
    }
}
