import Archive
import LinuxSystem
import OCI
import Testing

@Suite struct LayerUnpackerTests {
    private let scratch: Scratch
    private let root: SharedDirectory

    init() throws {
        scratch = try Scratch()
        root = try scratch.make("root")
    }

    private func isOpaque(_ path: Path) throws -> Bool {
        let name: Path = isRoot ? "trusted.overlay.opaque" : "user.overlay.opaque"
        return try root.directory.extendedAttribute(path, name: name) == Array("y".utf8)
    }

    @Test func filesDirectoriesAndLinksAreMade() throws {
        var dated = TarEntry(path: "d/f", kind: .regular, permissions: 0o640)
        dated.modified = FileTime(seconds: 1_500_000_000, nanoseconds: 0)
        let report = try unpack(
            tar([directory("d", 0o1750), (dated, "hello"), symlink("d/s", to: "/etc/x"), hardLink("h", to: "d/f")]),
            into: root
        )
        #expect(try root.paths() == ["d/", "d/f", "d/s", "h"])
        #expect(try root.text("h") == "hello")
        #expect(try root.status("d/f")?.permissions == 0o640)
        #expect(try root.status("d/f")?.modified == dated.modified)
        #expect(try root.status("d/f")?.links == 2)
        #expect(try root.directory.readLink("d/s") == "/etc/x")
        #expect(try root.status("d/s")?.modified.seconds == 0)
        #expect(report.changes.entries == 4)
        #expect(report.changes.impliedDirectories.isEmpty)
    }

    @Test func directoriesGetPermissionsAndTimesAtTheEnd() throws {
        var closed = TarEntry(path: "d", kind: .directory, permissions: 0o500)
        closed.modified = FileTime(seconds: 1000)
        try unpack(tar([(closed, ""), directory("d/e", 0), file("d/e/f", "x"), file("d/g")]), into: root)
        #expect(try root.status("d")?.permissions == 0o500)
        #expect(try root.status("d")?.modified == FileTime(seconds: 1000))
        if isRoot { #expect(try root.status("d/e")?.permissions == 0) }
        try root.directory.setPermissions("d", 0o700)
        try root.directory.setPermissions("d/e", 0o700)
    }

    @Test func theDiffIDIsThatOfTheWholeUncompressedStream() throws {
        let archive = try tar([file("a", "1")]) + [UInt8](repeating: 0, count: 7000)
        #expect(try unpack(archive, into: root).diffID == Digest.sha256(of: archive))
        for format in [LayerCompression.gzip, .zstd] {
            var sink = try CompressingSink(MemorySink(), compression: format, threads: 1)
            try sink.write(archive)
            let target = try scratch.make(Path(format.rawValue))
            let report = try unpack(sink.finish().bytes, into: target)
            #expect(report.diffID == Digest.sha256(of: archive))
            #expect(report.unpackedSize == Int64(archive.count))
        }
    }

    @Test func anEmptyStreamIsAnEmptyLayer() throws {
        #expect(try unpack([], into: root).diffID == Digest.sha256(of: ""))
        #expect(try root.paths().isEmpty)
    }

    @Test func directoriesThatNobodyDescribesAreReported() throws {
        let report = try unpack(tar([file("a/b/c", "x"), directory("a/b", 0o700), file("e/f")]), into: root)
        #expect(report.changes.impliedDirectories == ["a", "e"])
        #expect(try root.status("a")?.permissions == 0o755)
        #expect(try root.status("a")?.modified == FileTime(seconds: 0))
        #expect(try root.status("a/b")?.permissions == 0o700)
    }

    @Test func linksInsideTheLayerAreFollowedToParents() throws {
        let archive = try tar([
            symlink("lib", to: "usr/lib"), file("lib/a", "1"), directory("usr"), directory("usr/lib"),
            file("lib/b", "2"),
            symlink("usr/up", to: "../other"), file("usr/up/c", "3"), symlink("abs", to: "/usr/lib"),
            file("abs/d", "4"),
            file("lib/a", "5"), hardLink("abs/e", to: "lib/b"),
        ])
        try unpack(archive, into: root)
        #expect(
            try root.paths() == [
                "abs", "lib", "other/", "other/c", "usr/", "usr/lib/", "usr/lib/a", "usr/lib/b", "usr/lib/d",
                "usr/lib/e",
                "usr/up",
            ]
        )
        #expect(try root.text("usr/lib/a") == "5")
        #expect(try root.text("usr/lib/e") == "2")
    }

    @Test func aReplacedLinkNoLongerLeadsItsEntries() throws {
        let archive = try tar([
            directory("real"), symlink("d", to: "real"), file("d/a", "1"), directory("d"), file("d/b", "2"),
        ])
        try unpack(archive, into: root)
        #expect(try root.paths() == ["d/", "d/b", "real/", "real/a"])
    }

    @Test func laterEntriesReplaceEarlierOnes() throws {
        let archive = try tar([
            file("a", "long content"), file("a", "1"), directory("d"), file("d/x"), file("d", "now a file"),
            symlink("s", to: "a"), file("s", "a file too"), directory("e"), file("e/x", "kept"), directory("e", 0o700),
        ])
        try unpack(archive, into: root)
        #expect(try root.paths() == ["a", "d", "e/", "e/x", "s"])
        #expect(try root.text("a") == "1")
        #expect(try root.text("d") == "now a file")
        #expect(try root.text("s") == "a file too")
        #expect(try root.status("e")?.permissions == 0o700)
    }

    @Test func aHardLinkKeepsItsFileWhenOneNameIsReplaced() throws {
        try unpack(tar([file("a", "1"), hardLink("b", to: "a"), file("a", "2"), hardLink("b", to: "b")]), into: root)
        #expect(try root.text("a") == "2")
        #expect(try root.text("b") == "1")
    }

    @Test func missingLinkTargetsAreReported() throws {
        let report = try unpack(
            tar([hardLink("a", to: "/usr/bin/x"), hardLink("b", to: "no/such"), file("b", "made after all")]),
            into: root
        )
        #expect(report.changes.missingLinks.map(\.target) == ["usr/bin/x"])
        #expect(try root.paths() == ["b"])
    }

    @Test func hardLinksToDirectoriesAreErrors() throws {
        #expect(throws: ArchiveError.self) { try unpack(tar([directory("d"), hardLink("h", to: "d")]), into: root) }
    }

    // MARK: Whiteouts

    @Test func whiteoutsBecomeDevices() throws {
        try unpack(tar([directory("d"), file("d/.wh.gone"), file(".wh.top")]), into: root)
        #expect(try root.paths() == ["d/", "d/gone", "top"])
        #expect(try root.status("d/gone")?.isWhiteout == true)
        #expect(try root.status("top")?.isWhiteout == true)
    }

    @Test func opaqueMarkersBecomeAttributes() throws {
        let report = try unpack(
            tar([directory("d"), file("d/new", "x"), file("d/.wh..wh..opq"), file("e/.wh..wh..opq")]),
            into: root
        )
        #expect(try root.paths() == ["d/", "d/new", "e/"])
        #expect(try isOpaque("d"))
        #expect(try isOpaque("e"))
        #expect(report.changes.impliedDirectories == ["e"])
        #expect(!report.changes.hidesParentRoot)
    }

    @Test func anOpaqueRootIsReported() throws {
        let report = try unpack(tar([file(".wh..wh..opq"), file("a")]), into: root)
        #expect(report.changes.hidesParentRoot)
        #expect(try root.paths() == ["a"])
    }

    @Test func aWhiteoutHidesOnlyWhatIsBelowTheLayer() throws {
        let archive = try tar([
            file("before", "x"), file(".wh.before"), file(".wh.after"), file("after", "y"),
            directory("dir"), file("dir/a", "1"), file(".wh.dir"), file(".wh.late"), directory("late"), file("late/b"),
            file(".wh.implied"), file("implied/c", "2"),
        ])
        let report = try unpack(archive, into: root)
        #expect(
            try root.paths() == ["after", "before", "dir/", "dir/a", "implied/", "implied/c", "late/", "late/b"]
        )
        #expect(try root.text("before") == "x")
        #expect(try root.text("after") == "y")
        // What was a directory below must not shine through.
        #expect(try isOpaque("dir"))
        #expect(try isOpaque("late"))
        #expect(try isOpaque("implied"))
        #expect(report.changes.impliedDirectories == ["implied"])
    }

    @Test func bookkeepingOfAufsMakesNothing() throws {
        try unpack(tar([directory(".wh..wh.plnk"), file(".wh..wh.aufs"), file("a")]), into: root)
        #expect(try root.paths() == ["a"])
    }

    @Test func aHardLinkToAWhiteoutHasNoTarget() throws {
        let report = try unpack(tar([file(".wh.a"), hardLink("b", to: "a")]), into: root)
        #expect(report.changes.missingLinks.map(\.path) == ["b"])
    }

    // MARK: Metadata

    @Test(.enabled(if: isRoot, "needs root to give files away"))
    func ownersAndSetUserIDBitsAreSet() throws {
        let entry = TarEntry(path: "f", kind: .regular, permissions: 0o6755, uid: 1234, gid: 70_000)
        let link = TarEntry(path: "l", kind: .symlink, permissions: 0o777, uid: 7, gid: 8, linkTarget: "f")
        let folder = TarEntry(path: "d", kind: .directory, permissions: 0o2775, uid: 9, gid: 10)
        try unpack(tar([(entry, "x"), (link, ""), (folder, ""), file("d/mine")]), into: root)
        let file = try root.status("f")
        #expect(file?.uid == 1234 && file?.gid == 70_000 && file?.permissions == 0o6755)
        #expect(try root.status("l")?.uid == 7)
        #expect(try root.status("d")?.gid == 10)
        #expect(try root.status("d")?.permissions == 0o2775)
        // Not the group of the directory that gives its own.
        #expect(try root.status("d/mine")?.gid == 0)
    }

    @Test(.enabled(if: isRoot, "needs root to set capabilities"))
    func capabilitiesAreSetAfterTheOwner() throws {
        var entry = TarEntry(path: "f", kind: .regular, permissions: 0o755, uid: 1000, gid: 1000)
        let capability = ExtendedAttribute(
            name: "security.capability",
            value: [1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        )
        entry.extendedAttributes = [capability]
        try unpack(tar(entry), into: root)
        #expect(try root.directory.extendedAttributes("f") == [capability])
    }

    @Test(.enabled(if: isRoot, "needs root to make devices"))
    func devicesAndFifosAreMade() throws {
        var null = TarEntry(path: "null", kind: .characterDevice, permissions: 0o666)
        null.deviceMajor = 1
        null.deviceMinor = 3
        try unpack(tar(null, TarEntry(path: "p", kind: .fifo, permissions: 0o622)), into: root)
        let status = try root.status("null")
        #expect(status?.kind == .characterDevice && status?.deviceMajor == 1 && status?.deviceMinor == 3)
        #expect(status?.permissions == 0o666)
        #expect(try root.status("p")?.kind == .fifo)
        #expect(try root.status("p")?.permissions == 0o622)
    }

    @Test(.enabled(if: !isRoot, "root may do what is refused here"))
    func whatTheKernelRefusesIsReported() throws {
        let owned = TarEntry(path: "f", kind: .regular, uid: 12345, gid: 12345)
        var null = TarEntry(path: "null", kind: .characterDevice)
        null.deviceMajor = 1
        null.deviceMinor = 3
        let report = try unpack(tar(owned, null), into: root)
        #expect(report.changes.skipped.map(\.part) == [.owner(uid: 12345, gid: 12345), .device])
    }

    @Test func attributesThatCannotBeSetAreReported() throws {
        var entry = TarEntry(path: "s", kind: .symlink, permissions: 0o777, linkTarget: "x")
        entry.extendedAttributes = [ExtendedAttribute(name: "user.a", value: [1])]
        let report = try unpack(tar(entry), into: root)
        // Who is not root cannot set the owner either.
        let skipped = report.changes.skipped.filter { $0.part == .attribute("user.a") }
        #expect(skipped.map(\.path) == ["s"])
        #expect(report.changes.skippedCount == report.changes.skipped.count)
    }

    @Test(.enabled(if: isRoot, "needs root to mount a small filesystem"))
    func aFullFilesystemIsSaidWithTheEntry() throws {
        let mount = try DetachedMount.tmpfs(size: 1 << 20)
        let unpacker = try LayerUnpacker(into: mount.root, ownership: .real, marks: .overlay(userxattr: false))
        let archive = try tar([file("small", "x"), file("d/big", String(repeating: "x", count: 2 << 20))])
        do {
            _ = try unpacker.unpack(MemorySource(archive), layer: "sha256:abc")
            Issue.record("no error")
        } catch let error as ArchiveError {
            #expect(error.description == "layer sha256:abc: cannot write `d/big`: no space left on device")
        }
    }

    @Test func cancellingStopsBetweenEntries() throws {
        let flag = CancellationFlag()
        flag.cancel()
        let archive = try tar([file("a")])
        let directory = root
        #expect(throws: Cancelled.self) {
            let unpacker = try LayerUnpacker(
                into: directory.directory,
                ownership: .ignoreRefused,
                marks: .overlay(userxattr: true),
                cancellation: flag
            )
            _ = try unpacker.unpack(MemorySource(archive), layer: "x")
        }
        #expect(try root.paths().isEmpty)
    }
}
