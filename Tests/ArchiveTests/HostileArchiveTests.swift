import Archive
import LinuxSystem
import Testing

/// Archives that try to reach outside of the directory into which they are unpacked (spec/15).
@Suite struct HostileArchiveTests {
    /// A directory to unpack into, beside a victim that must stay as it is.
    private final class Stage {
        let scratch = try? Scratch()
        let root: SharedDirectory
        let victim: SharedDirectory
        let victimPath: Path

        init() throws {
            guard let scratch else { throw ToolFailure(text: "no scratch directory") }
            root = try scratch.make("root")
            victim = try scratch.make("victim")
            victimPath = scratch.path.appending("victim")
            try victim.write("precious", to: "file")
            try victim.directory.makeDirectory("dir", mode: 0o750)
        }

        func expectVictimUntouched(_ location: SourceLocation = #_sourceLocation) throws {
            #expect(try victim.paths() == ["dir/", "file"], sourceLocation: location)
            #expect(try victim.text("file") == "precious", sourceLocation: location)
            let file = try victim.status("file")
            #expect(file?.permissions == 0o644 && file?.links == 1, sourceLocation: location)
            #expect(file?.modified == FileTime(seconds: 1), sourceLocation: location)
            #expect(try victim.status("dir")?.permissions == 0o750, sourceLocation: location)
            #expect(try victim.directory.extendedAttributes("dir").isEmpty, sourceLocation: location)
        }
    }

    @Test(arguments: [
        "../victim/file", "../../x", "a/../../victim/file", "/victim/file", "//x", "./../x", ".../../../x",
    ])
    func namesThatClimbStayInside(_ name: Path) throws {
        let stage = try Stage()
        try unpack(tar([file(name, "evil")]), into: stage.root)
        try stage.expectVictimUntouched()
        let expected = name.relative.lexicallyNormalized()
        #expect(try stage.root.text(expected) == "evil")
    }

    @Test(arguments: ["..", ".", "/", "./", "a/.."], [TarEntry.Kind.directory, .symlink, .regular])
    func anEntryForTheRootChangesNothing(_ name: Path, _ kind: TarEntry.Kind) throws {
        let stage = try Stage()
        let entry = TarEntry(path: name, kind: kind, permissions: 0, linkTarget: kind == .symlink ? "../victim" : nil)
        try unpack(tar([(entry, ""), file("file", "mine")]), into: stage.root)
        #expect(try stage.root.text("file") == "mine")
        try stage.expectVictimUntouched()
    }

    /// Each way to touch something, done through a symbolic link that leads outside.
    private static let attacks: [(String, [(TarEntry, String)])] = [
        ("file", [file("link/file", "evil")]),
        ("new file", [file("link/new", "evil")]),
        ("directory", [directory("link/dir", 0o777)]),
        ("new directory", [directory("link/new")]),
        ("link itself as a directory", [directory("link", 0o777), file("link/file", "evil")]),
        ("symbolic link", [symlink("link/file", to: "x")]),
        ("hard link", [file("x", "evil"), hardLink("link/file", to: "x")]),
        ("whiteout", [file("link/.wh.file")]),
        ("opaque", [file("link/dir/.wh..wh..opq")]),
        ("opaque below", [file("link/.wh..wh..opq")]),
        ("implied directories", [file("link/a/b/c", "evil")]),
        ("hard link from outside", [hardLink("mine", to: "link/file")]),
        ("write through a hard link", [hardLink("mine", to: "link/file"), file("mine", "evil")]),
    ]

    @Test(arguments: attacks.indices, ["absolute", "relative", "chained", "climbing"])
    func nothingHappensThroughALinkThatLeadsOutside(_ index: Int, _ kind: String) throws {
        let stage = try Stage()
        let links: [(TarEntry, String)] =
            switch kind {
            case "absolute": [symlink("link", to: stage.victimPath)]
            case "relative": [symlink("link", to: "../victim")]
            case "chained": [symlink("second", to: "../victim"), symlink("link", to: "second")]
            default: [directory("a"), symlink("a/b", to: "../../victim"), symlink("link", to: "a/b")]
            }
        // Refusing is as good as staying inside.
        _ = try? unpack(tar(links + Self.attacks[index].1), into: stage.root)
        try stage.expectVictimUntouched()
    }

    @Test(arguments: attacks.indices)
    func nothingHappensThroughALinkOfAnotherUnpacking(_ index: Int) throws {
        let stage = try Stage()
        try stage.root.directory.symlink(target: stage.victimPath, at: "link")
        _ = try? unpack(tar(Self.attacks[index].1), into: stage.root)
        try stage.expectVictimUntouched()
    }

    @Test(arguments: ["../victim/file", "/victim/file", "a/../../victim/file"])
    func hardLinksToNamesOutsideAreReportedAsMissing(_ target: Path) throws {
        let stage = try Stage()
        let report = try unpack(tar([hardLink("mine", to: target)]), into: stage.root)
        #expect(report.changes.missingLinks.map(\.path) == ["mine"])
        #expect(try stage.root.paths().isEmpty)
        try stage.expectVictimUntouched()
    }

    @Test func aHardLinkToASymbolicLinkDoesNotFollowIt() throws {
        let stage = try Stage()
        let archive = try tar([
            symlink("s", to: stage.victimPath.appending("file")), hardLink("h", to: "s"), file("h", "evil"),
        ])
        try unpack(archive, into: stage.root)
        try stage.expectVictimUntouched()
        #expect(try stage.root.text("h") == "evil")
    }

    @Test func timesAndPermissionsAtTheEndFollowNoLink() throws {
        let stage = try Stage()
        let archive = try tar([
            directory("d", 0o777), directory("d/dir", 0o777), symlink("d", to: stage.victimPath),
        ])
        try unpack(archive, into: stage.root)
        try stage.expectVictimUntouched()
        #expect(try stage.root.status("d")?.kind == .symlink)
    }

    @Test func aDirectoryThatIsReplacedByALinkIsNotWrittenThrough() throws {
        let stage = try Stage()
        let archive = try tar([
            directory("d"), file("d/file", "first"), symlink("d", to: "../victim"), file("d/file", "evil"),
            file("d/.wh.file"),
        ])
        _ = try? unpack(archive, into: stage.root)
        try stage.expectVictimUntouched()
    }

    @Test func linksInALoopAreAnError() throws {
        let stage = try Stage()
        let archive = try tar([symlink("a", to: "b"), symlink("b", to: "a"), file("a/x", "y")])
        #expect(
            throws: ArchiveError.layer(
                "sha256:test",
                .refused(entry: "a/x", reason: "too many levels of symbolic links")
            )
        ) {
            try unpack(archive, into: stage.root)
        }
    }

    @Test func anEntryBelowAFileIsAnError() throws {
        let stage = try Stage()
        let archive = try tar([file("f", "x"), file("f/g", "y")])
        #expect(throws: ArchiveError.layer("sha256:test", .refused(entry: "f/g", reason: "`f` is not a directory"))) {
            try unpack(archive, into: stage.root)
        }
    }

    @Test(arguments: [".wh.", ".wh..", ".wh...", "d/.wh..", "d/.wh..."])
    func whiteoutsOfNoNameAreErrors(_ name: Path) throws {
        let stage = try Stage()
        #expect(throws: ArchiveError.layer("sha256:test", .refused(entry: name, reason: "invalid whiteout name"))) {
            try unpack(tar([directory("d"), file(name)]), into: stage.root)
        }
        try stage.expectVictimUntouched()
    }

    @Test func overlaysOwnAttributesAreDropped() throws {
        let stage = try Stage()
        var entry = TarEntry(path: "d", kind: .directory, permissions: 0o755)
        entry.extendedAttributes = [
            ExtendedAttribute(name: "trusted.overlay.opaque", value: Array("y".utf8)),
            ExtendedAttribute(name: "trusted.overlay.redirect", value: Array("/victim".utf8)),
            ExtendedAttribute(name: "user.overlay.opaque", value: Array("y".utf8)),
            ExtendedAttribute(name: "user.kept", value: [1]),
        ]
        try unpack(tar(entry), into: stage.root)
        let names = try stage.root.directory.extendedAttributes("d").map(\.name)
        #expect(names.filter { $0 != "user.kept" }.isEmpty)
    }

    @Test(arguments: [Path(String(repeating: "n", count: 256)), Path(String(repeating: "dir/", count: 1100) + "f")])
    func namesThatAreTooLongAreErrorsThatNameTheEntry(_ name: Path) throws {
        let stage = try Stage()
        #expect(throws: ArchiveError.self) { try unpack(tar([file(name)]), into: stage.root) }
    }

    @Test func truncatedLayersAreErrors() throws {
        let archive = try tar([file("a", "1"), file("b", String(repeating: "x", count: 3000))])
        for count in [700, 1024 + 512 + 100, 1024 + 200] {
            let stage = try Stage()
            #expect(throws: ArchiveError.self) { try unpack(Array(archive[..<count]), into: stage.root) }
        }
    }

    @Test func anArchiveWithTheSameNameInManyKindsEndsWithTheLast() throws {
        let kinds: [(TarEntry, String)] = [
            file("n", "1"), directory("n"), symlink("n", to: "x"), (TarEntry(path: "n", kind: .fifo), ""),
            file("n", "2"),
        ]
        for last in kinds.indices {
            let stage = try Stage()
            let order = kinds.indices.filter { $0 != last } + [last]
            try unpack(tar(order.map { kinds[$0] }), into: stage.root)
            #expect(try stage.root.status("n")?.kind.archived == kinds[last].0.kind)
        }
    }
}

extension FileKind {
    fileprivate var archived: TarEntry.Kind? { TarEntry.Kind(self) }
}
