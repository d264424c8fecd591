import Archive
import LinuxSystem
import OCI
import Testing

@Suite struct LayerDiffTests {
    private let scratch: Scratch
    private let parent: SharedDirectory
    private let upper: SharedDirectory

    init() throws {
        scratch = try Scratch()
        parent = try scratch.make("parent")
        upper = try scratch.make("upper")
    }

    private func names(_ archive: [UInt8]) throws -> [String] {
        try read(archive).map(\.0.path.string)
    }

    private func whiteout(_ path: Path) throws {
        try upper.directory.makeNode(path, kind: .characterDevice, mode: 0)
    }

    private func makeOpaque(_ path: Path) throws {
        try upper.directory.setExtendedAttribute(
            path,
            name: isRoot ? "trusted.overlay.opaque" : "user.overlay.opaque",
            value: Array("y".utf8)
        )
    }

    @Test func nothingChangedIsTheEmptyArchive() throws {
        let empty = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
        #expect(Digest.sha256(of: try diff(upper)).description == empty)
        #expect(Digest.sha256(of: try diff(upper, over: parent)).description == empty)
    }

    @Test func aFirstLayerIsEverythingInOrder() throws {
        try upper.directory.makeDirectory("b")
        try upper.write("1", to: "b/x")
        try upper.write("2", to: "b.txt")
        try upper.write("3", to: "a")
        try upper.directory.makeDirectory("b/c")
        try upper.directory.symlink(target: "../a", at: "b/c/l")
        #expect(try names(diff(upper)) == ["a", "b/", "b/c/", "b/c/l", "b/x", "b.txt"])
    }

    @Test func onlyWhatDiffersIsWritten() throws {
        for side in [parent, upper] {
            try side.directory.makeDirectory("d")
            for name: Path in ["same", "content", "mode", "time", "d/same", "size"] { try side.write("old", to: name) }
            try side.directory.symlink(target: "x", at: "link")
            try side.directory.setTimes("link", modified: FileTime(seconds: 1))
            try side.directory.symlink(target: side === upper ? "new" : "old", at: "other-link")
            try side.directory.setTimes("other-link", modified: FileTime(seconds: 1))
        }
        try upper.write("new", to: "content")
        try upper.write("longer", to: "size")
        try upper.write("old", to: "time", seconds: 2)
        try upper.directory.setPermissions("mode", 0o600)
        #expect(try names(diff(upper, over: parent)) == ["content", "mode", "other-link", "size", "time"])
    }

    @Test func nanosecondsAreNoDifference() throws {
        for side in [parent, upper] { try side.write("x", to: "f") }
        try parent.directory.setTimes("f", modified: FileTime(seconds: 5, nanoseconds: 0))
        try upper.directory.setTimes("f", modified: FileTime(seconds: 5, nanoseconds: 999_999_999))
        #expect(try names(diff(upper, over: parent)).isEmpty)
    }

    @Test func timesAreCutToSeconds() throws {
        try upper.write("x", to: "f")
        try upper.directory.setTimes("f", modified: FileTime(seconds: 5, nanoseconds: 999_999_999))
        #expect(try read(diff(upper))[0].0.modified == FileTime(seconds: 5))
    }

    @Test func parentsComeBeforeAChangedChild() throws {
        for side in [parent, upper] {
            for path: Path in ["a", "a/b", "a/b/c", "z"] { try side.directory.makeDirectory(path) }
        }
        try upper.write("x", to: "a/b/c/f")
        #expect(try names(diff(upper, over: parent)) == ["a/", "a/b/", "a/b/c/", "a/b/c/f"])
    }

    @Test func aDirectorysTimeAloneIsNoChange() throws {
        for side in [parent, upper] { try side.directory.makeDirectory("tmp") }
        try parent.directory.setTimes("tmp", modified: FileTime(seconds: 1))
        #expect(try names(diff(upper, over: parent)).isEmpty)
        try upper.directory.setPermissions("tmp", 0o1777)
        #expect(try names(diff(upper, over: parent)) == ["tmp/"])
    }

    @Test func deletionsStandAtThePlaceOfTheDeletedName() throws {
        for name: Path in ["a", "m", "z"] { try parent.write("x", to: name) }
        try whiteout("m")
        for name: Path in ["b", "y"] { try upper.write("x", to: name) }
        let entries = try read(diff(upper, over: parent))
        #expect(entries.map(\.0.path) == ["b", ".wh.m", "y"])
        let header = entries[1].0
        #expect(header == TarEntry(path: ".wh.m", kind: .regular, permissions: 0))
    }

    @Test func deletionsOfNamesThatTheParentLacksAreDropped() throws {
        try parent.directory.makeDirectory("d")
        try upper.directory.makeDirectory("d")
        try whiteout("gone")
        try whiteout("d/gone")
        try upper.directory.makeDirectory("new")
        try whiteout("new/gone")
        #expect(try names(diff(upper, over: parent)) == ["new/"])
        #expect(try names(diff(upper)) == ["d/", "new/"])
    }

    @Test func aDeletionNeedsItsParents() throws {
        for side in [parent, upper] { try side.directory.makeDirectories("a/b") }
        try parent.write("x", to: "a/b/c")
        try whiteout("a/b/c")
        #expect(try names(diff(upper, over: parent)) == ["a/", "a/b/", "a/b/.wh.c"])
    }

    @Test func opaqueDirectoriesBecomeDeletions() throws {
        try parent.directory.makeDirectories("d/sub")
        try parent.directory.makeDirectory("d/lost")
        for name: Path in ["d/a", "d/k", "d/z", "d/sub/old", "d/sub/same", "d/lost/x"] {
            try parent.write("x", to: name)
        }
        try upper.directory.makeDirectories("d/sub")
        try makeOpaque("d")
        try upper.write("new", to: "d/k")
        try upper.write("x", to: "d/n")
        try upper.write("x", to: "d/sub/same")
        // Below an opaque directory everything is hidden, though only the top is marked.
        #expect(
            try names(diff(upper, over: parent)) == [
                "d/", "d/.wh.a", "d/k", "d/.wh.lost", "d/n", "d/sub/", "d/sub/.wh.old", "d/.wh.z",
            ]
        )
    }

    @Test func aDirectoryOverAFileHidesNothingBelow() throws {
        try parent.write("x", to: "n")
        try parent.directory.makeDirectory("m")
        try parent.write("x", to: "m/child")
        try upper.directory.makeDirectory("n")
        try upper.write("y", to: "n/child")
        try makeOpaque("n")
        try upper.write("file", to: "m")
        #expect(try names(diff(upper, over: parent)) == ["m", "n/", "n/child"])
    }

    @Test func aDirectoryOverALinkIsComparedWithNothing() throws {
        try parent.directory.makeDirectory("real")
        try parent.write("x", to: "real/f")
        try parent.directory.symlink(target: "real", at: "d")
        try upper.directory.makeDirectory("d")
        try upper.write("x", to: "d/f")
        try whiteout("d/g")
        #expect(try names(diff(upper, over: parent)) == ["d/", "d/f"])
    }

    @Test func hardLinksPointToTheFirstNameInOrder() throws {
        try upper.write("x", to: "x")
        try upper.directory.link("x", to: "hl")
        try upper.directory.makeDirectory("d")
        try upper.directory.link("x", to: "d/z")
        let entries = try read(diff(upper)).map(\.0)
        #expect(entries.map(\.path) == ["d/", "d/z", "hl", "x"])
        #expect(entries.map(\.kind) == [.directory, .regular, .hardLink, .hardLink])
        #expect(entries.map(\.linkTarget) == [nil, nil, "d/z", "d/z"])
    }

    @Test func socketsAreLeftOutButHideWhatWasThere() throws {
        try parent.write("x", to: "s")
        try upper.directory.makeNode("s", kind: .socket, mode: 0o755)
        try upper.directory.makeNode("t", kind: .socket, mode: 0o755)
        try upper.directory.makeNode("p", kind: .fifo, mode: 0o600)
        #expect(try names(diff(upper, over: parent)) == ["p", ".wh.s"])
    }

    @Test(.enabled(if: isRoot, "needs root to set capabilities"))
    func ofAllAttributesOnlyCapabilitiesAreRecorded() throws {
        let capability = ExtendedAttribute(
            name: "security.capability",
            value: [1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        )
        for side in [parent, upper] { try side.write("x", to: "f") }
        try upper.directory.setExtendedAttribute("f", name: "user.note", value: [1])
        try upper.directory.setExtendedAttribute("f", name: "trusted.overlay.origin", value: [1])
        #expect(try names(diff(upper, over: parent)).isEmpty)
        try upper.directory.setExtendedAttribute("f", name: capability.name, value: capability.value)
        let entries = try read(diff(upper, over: parent))
        #expect(entries.map(\.0.extendedAttributes) == [[capability]])
        try parent.directory.setExtendedAttribute("f", name: capability.name, value: capability.value)
        #expect(try names(diff(upper, over: parent)).isEmpty)
    }

    @Test(.enabled(if: isRoot, "needs root to give files away and make devices"))
    func ownersAndDeviceNumbersCount() throws {
        for side in [parent, upper] {
            try side.write("x", to: "f")
            for name: Path in ["null", "zero"] {
                try side.directory.makeNode(name, kind: .characterDevice, mode: 0o666, major: 1, minor: 3)
                try side.directory.setTimes(name, modified: FileTime(seconds: 1))
            }
        }
        try upper.directory.setOwner("f", uid: 1, gid: 2)
        try upper.directory.remove("zero")
        try upper.directory.makeNode("zero", kind: .characterDevice, mode: 0o666, major: 1, minor: 5)
        try upper.directory.setTimes("zero", modified: FileTime(seconds: 1))
        let entries = try read(diff(upper, over: parent)).map(\.0)
        #expect(entries.map(\.path) == ["f", "zero"])
        #expect(entries[0].uid == 1 && entries[0].gid == 2)
        #expect(entries[1].deviceMajor == 1 && entries[1].deviceMinor == 5)
    }

    @Test func laterTimesAreClampedToTheEpoch() throws {
        try upper.write("x", to: "early", seconds: 10)
        try upper.write("x", to: "late", seconds: 1000)
        try upper.directory.makeDirectory("now")
        let times = try read(diff(upper, epoch: 100)).map(\.0.modified.seconds)
        #expect(times == [10, 100, 100])
    }

    @Test func aCompleteTreeIsComparedBothWays() throws {
        try parent.directory.makeDirectories("d/gone")
        for name: Path in ["a", "d/x", "d/gone/y", "same"] { try parent.write("x", to: name) }
        try upper.directory.makeDirectory("d")
        try upper.write("x", to: "same")
        try upper.write("new", to: "d/w")
        #expect(
            try names(diff(upper, over: parent, complete: true)) == [".wh.a", "d/", "d/.wh.gone", "d/w", "d/.wh.x"]
        )
    }

    @Test func theSameTreesGiveTheSameBytes() throws {
        let other = try scratch.make("other")
        for side in [upper, other] {
            let names: [Path] = side === upper ? ["c", "a", "b"] : ["b", "c", "a"]
            for name in names { try side.write("x \(name)", to: name) }
        }
        #expect(try diff(upper) == diff(other))
    }
}
