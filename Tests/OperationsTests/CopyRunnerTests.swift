import BuildGraph
import Glibc
import LinuxSystem
import Testing

@testable import Operations

/// COPY between two directories, without overlay and without privileges.
@Suite struct CopyRunnerTests {
    @Test(
        arguments: [
            ("/file", "/", ["file"]), ("/file", "/new", ["new"]), ("/file", "/dir/", ["dir/", "dir/file"]),
            ("/tree", "/", ["a", "sub/", "sub/b"]), ("/tree", "/x", ["x/", "x/a", "x/sub/", "x/sub/b"]),
            ("/*", "/all/", ["all/", "all/a", "all/file", "all/sub/", "all/sub/b"]),
            ("/tree/sub/../a", "/one", ["one"]),
        ]
    )
    func namesFollowTheDestination(source: String, destination: String, expected: [String]) throws {
        try Trees.with { trees in
            try trees.fill(["file": "f", "tree/a": "a", "tree/sub/b": "b"])
            try trees.copy(source, destination)
            #expect(try trees.listing() == expected)
        }
    }

    @Test func attributesAndLinksAreKept() throws {
        try Trees.with { trees in
            try trees.fill(["d/file": "text"])
            try trees.source.directory.link("d/file", to: "d/hard")
            try trees.source.directory.symlink(target: "file", at: "d/soft")
            try trees.source.directory.setPermissions("d/file", 0o6750)
            try trees.source.directory.setTimes("d/file", modified: FileTime(seconds: 1_000_000_000, nanoseconds: 5))
            try trees.copy("/d", "/")
            let file = try trees.target.directory.status("file")
            #expect(file.permissions == 0o6750 && file.links == 2)
            #expect(file.modified == FileTime(seconds: 1_000_000_000, nanoseconds: 5))
            #expect(try trees.target.directory.status("hard").inode == file.inode)
            #expect(try trees.target.directory.readLink("soft") == "file")
        }
    }

    @Test(arguments: [(ModeChange.absolute(0o600), UInt32(0o600)), (.symbolic("go+r,u=rwx"), 0o744)])
    func modesAreChanged(change: ModeChange, expected: UInt32) throws {
        try Trees.with { trees in
            try trees.fill(["file": ""])
            try trees.source.directory.setPermissions("file", 0o600)
            try trees.copy("/file", "/") { $0.mode = change }
            #expect(try trees.target.directory.status("file").permissions == expected)
        }
    }

    @Test func aFileIsReplacedAndALinkAtTheDestinationIsFollowedInside() throws {
        try Trees.with { trees in
            try trees.fill(["file": "new"])
            try trees.target.directory.makeDirectory("etc")
            try trees.target.directory.writeFile("etc/real", Array("old".utf8))
            try trees.target.directory.symlink(target: "/etc/real", at: "link")
            try trees.copy("/file", "/link")
            #expect(try trees.text("etc/real") == "new")
            #expect(try trees.target.directory.status("link").kind == .symlink)
        }
    }

    @Test(arguments: ["../../../../outside", "/../outside", "a/../../../outside"])
    func nothingIsWrittenOutside(link: String) throws {
        try Trees.with { trees in
            try trees.fill(["file": "new"])
            try trees.target.directory.symlink(target: Path(link), at: "way")
            try trees.copy("/file", "/way/x/")
            #expect(try trees.listing() == ["outside/", "outside/x/", "outside/x/file", "way@"])
        }
    }

    @Test func aLinkInTheSourceStaysInside() throws {
        try Trees.with { trees in
            try trees.fill(["inside/passwd": "mine"])
            try trees.source.directory.symlink(target: "/inside", at: "etc")
            try trees.source.directory.symlink(target: "../../../../../inside/passwd", at: "file")
            try trees.copy("/etc/passwd", "/one")
            try trees.copy("/file", "/two")
            #expect(try trees.text("one") == "mine")
            #expect(try trees.text("two") == "mine")
        }
    }

    @Test func filesDoNotReplaceDirectoriesNorDirectoriesFiles() throws {
        try Trees.with { trees in
            try trees.fill(["a/x": "", "b/x/y": ""])
            try trees.copy("/b", "/")
            #expect(throws: OperationError.fileOverDirectory("x")) { try trees.copy("/a", "/") }
        }
        try Trees.with { trees in
            try trees.fill(["a/x": "", "b/x/y": ""])
            try trees.copy("/a", "/")
            #expect(throws: OperationError.directoryOverFile("x")) { try trees.copy("/b", "/") }
        }
    }

    @Test func whatIsIgnoredOrExcludedStaysBehind() throws {
        try Trees.with { trees in
            try trees.fill(["a.txt": "", "b.log": "", "d/c.txt": "", "d/e.log": "", "k/keep": "", "k/drop": ""])
            try trees.copy("/", "/", ignoring: ["k/*", "!k/keep"]) { $0.excludePatterns = ["**/*.log"] }
            #expect(try trees.listing() == ["a.txt", "d/", "d/c.txt", "k/", "k/keep"])
        }
    }

    @Test func aMissingSourceIsNamedWithWhatIgnoresIt() throws {
        try Trees.with { trees in
            try trees.fill(["secret": ""])
            #expect(throws: OperationError.sourceNotFound("/secret", ignoredBy: "sec*")) {
                try trees.copy("/secret", "/", ignoring: ["sec*"])
            }
            #expect(throws: OperationError.sourceNotFound("/nope")) { try trees.copy("/nope", "/") }
        }
    }

    @Test(arguments: [
        ("/requirement.txt", "requirements.txt"), ("/sr/main.c", "src/main.c"), ("src/mian.c", "src/main.c"),
        ("/sr/nothing", nil), ("/hiden", nil), ("/altogether-other", nil),
    ])
    func whatWasProbablyMeantIsNamed(_ source: String, near: String?) throws {
        try Trees.with { trees in
            try trees.fill(["requirements.txt": "", "src/main.c": "", "hidden": ""])
            #expect(throws: OperationError.sourceNotFound(source, near: near)) {
                try trees.copy(source, "/", ignoring: ["hidden"])
            }
        }
    }

    @Test func aHardLinkIsNotTakenForWhatReplacedIt() throws {
        try Trees.with { trees in
            try trees.fill(["d1/a": "one", "d2/a": "two", "d3/x": ""])
            try trees.source.directory.link("d1/a", to: "d3/b")
            try trees.copy("/d*", "/y/")
            #expect(try trees.text("y/a") == "two" && trees.text("y/b") == "one")
            try trees.source.directory.link("d2/a", to: "d3/a")
            try trees.copy("/d?", "/z/")
            #expect(try trees.text("z/a") == "two")
        }
    }

    @Test func thousandsOfFilesArriveWhole() throws {
        try Trees.with { trees in
            let files = (0..<2000).map { ("d\($0 % 7)/f\($0)", String(repeating: "\($0),", count: $0 % 50)) }
            try trees.fill(Dictionary(uniqueKeysWithValues: files))
            try trees.copy("/", "/")
            for (path, text) in files { #expect(try trees.text(Path(path)) == text) }
        }
    }

    @Test(arguments: [(SourceTree.Ownership.root, FileKind.regular), (.kept, .socket)])
    func aSocketIsCopied(ownership: SourceTree.Ownership, kind: FileKind) throws {
        try Trees.with { trees in
            try trees.source.directory.makeNode("socket", kind: .socket, mode: 0o640)
            try trees.source.directory.setTimes("socket", modified: FileTime(seconds: 5))
            try trees.copy("/", "/", ownership: ownership)
            let copied = try trees.target.directory.status("socket")
            #expect(copied.kind == kind && copied.size == 0)
            #expect(copied.permissions == 0o640 && copied.modified == FileTime(seconds: 5))
        }
    }

    @Test func aCancelledCopyEnds() throws {
        try Trees.with { trees in
            try trees.fill(["file": "x"])
            let flag = CancellationFlag()
            flag.cancel()
            let runner = CopyRunner(
                root: WritableRoot(trees.target),
                cancellation: flag
            )
            #expect(throws: Cancelled.self) {
                try runner.run(CopyAction(input: 1, source: "/", destination: "/"), from: trees.tree())
            }
        }
    }
}
