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
            return try ContentDigester(tree: tree, cancellation: CancellationFlag()).digest(of: selectors).digest
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

    /// What a step gave a file is part of what another one copies; what this machine gave one is not.
    @Test(arguments: ["a", "d"] as [Path])
    func attributesCountWhereTheyAreCopied(path: Path) throws {
        let attribute: (borrowing Directory) throws -> Void = { directory in
            try directory.setExtendedAttribute(path, name: "user.test", value: [1, 0, 2])
        }
        #expect(try digest(changing: attribute) != digest())
        #expect(try digest(ownership: .root, changing: attribute) == digest(ownership: .root))
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

    @Test(
        arguments: [
            ("nothing", true), ("touch ignored", true), ("new ignored", true), ("same again", true), ("new", false),
            ("gone", false), ("mode of a directory", false), ("link target", false), ("new match", false),
        ]
    )
    func noticesNamesThatChangeAfterwards(change: String, isUnchanged: Bool) throws {
        try Trees.with { trees in
            try trees.fill(Self.files)
            try trees.source.directory.symlink(target: "a", at: "d/link")
            let digester = ContentDigester(
                tree: try trees.tree(.kept, ignoring: ["**/*.log"]),
                cancellation: CancellationFlag()
            )
            var wildcard = ContentSelector(path: "/*.txt")
            wildcard.wildcard = true
            wildcard.allowEmptyWildcard = true
            let selectors = [ContentSelector(path: "/d"), wildcard]
            let content = try digester.digest(of: selectors)
            let source = trees.source
            switch change {
            case "touch ignored", "new ignored": try source.directory.writeFile("d/x.log", [1])
            case "same again":
                try source.directory.remove("d/b")
                try source.directory.writeFile("d/b", Array("2".utf8))
            case "new": try source.directory.writeFile("d/new", [])
            case "gone": try source.directory.remove("d/b")
            case "mode of a directory": try source.directory.setPermissions("d", 0o711)
            case "link target":
                try source.directory.remove("d/link")
                try source.directory.symlink(target: "b", at: "d/link")
            case "new match": try source.directory.writeFile("new.txt", [])
            default: break
            }
            #expect(try digester.isUnchanged(content, selectors) == isUnchanged)
        }
    }

    @Test func aFileThatCannotBeReadIsAnError() throws {
        #expect(throws: (any Error).self) {
            try digest([ContentSelector(path: "/nothing")])
        }
    }
}
