import BuildGraph
import LinuxSystem
import OCI
import Testing

@testable import Operations

/// What makes the digest of a copy's source another one, and what does not (spec/05 §5.3).
@Suite struct ContentDigesterTests {
    private static let files = ["a": "1", "d/b": "2", "d/c": "3"]

    private func digest(
        _ selectors: [ContentSelector] = [ContentSelector(path: "/")],
        ownership: SourceTree.Ownership = .kept,
        ignoring patterns: [String]? = nil,
        changing change: (borrowing Directory) throws -> Void = { _ in }
    ) throws -> Digest {
        try Trees.with { trees in
            try trees.fill(Self.files)
            try change(trees.source.directory)
            let tree = try trees.tree(ownership, ignoring: patterns)
            return try ContentDigester(tree: tree, cancellation: CancellationFlag()).digest(of: selectors)
        }
    }

    @Test func timesDoNotCount() throws {
        let old = try digest { directory in
            try directory.setTimes("a", modified: FileTime(seconds: 1))
            try directory.setTimes("d", modified: FileTime(seconds: 2))
        }
        #expect(try digest() == old)
    }

    @Test(
        arguments: [
            "content", "name", "mode", "directory mode", "link target", "new file", "new directory", "moved byte",
        ]
    )
    func changesCount(_ change: String) throws {
        let link: (borrowing Directory) throws -> Void = { try $0.symlink(target: "a", at: "l") }
        let before = try digest(changing: link)
        let after = try digest { directory in
            if change != "link target" { try link(directory) }
            switch change {
            case "content": try directory.writeFile("a", Array("2".utf8))
            case "name": try directory.rename("a", to: "A")
            case "mode": try directory.setPermissions("a", 0o755)
            case "directory mode": try directory.setPermissions("d", 0o700)
            case "link target": try directory.symlink(target: "d/b", at: "l")
            case "new file": try directory.writeFile("n", [])
            case "new directory": try directory.makeDirectory("n")
            default:
                // The same bytes, told apart by what belongs to which file.
                try directory.writeFile("d/b", Array("23".utf8))
                try directory.writeFile("d/c", [])
            }
        }
        #expect(before != after)
    }

    @Test func ignoredFilesDoNotCount() throws {
        let patterns = ["*.log"]
        let without = try digest(ignoring: patterns)
        #expect(try digest(ignoring: patterns) { try $0.writeFile("x.log", [1]) } == without)
        #expect(try digest { try $0.writeFile("x.log", [1]) } != without)
    }

    @Test func onlyWhatIsSelectedCounts() throws {
        let selectors = [ContentSelector(path: "/d")]
        let before = try digest(selectors)
        #expect(try digest(selectors) { try $0.writeFile("a", [9]) } == before)
        #expect(try digest(selectors) { try $0.writeFile("d/b", [9]) } != before)
    }

    @Test func severalThousandFilesGiveTheSameDigestEachTime() throws {
        let fill: (borrowing Directory) throws -> Void = { directory in
            for number in 0..<3000 { try directory.writeFile("file\(number)", Array("\(number)".utf8)) }
        }
        #expect(try digest(changing: fill) == digest(changing: fill))
    }

    @Test func aFileThatCannotBeReadIsAnError() throws {
        #expect(throws: (any Error).self) {
            try digest([ContentSelector(path: "/nothing")])
        }
    }
}
