import Archive
import LinuxSystem
import Testing

@Suite struct TreeArchivingTests {
    private let scratch: Scratch
    private let root: SharedDirectory

    init() throws {
        scratch = try Scratch()
        root = try scratch.make("root")
    }

    private func archive(_ options: TreeOptions = TreeOptions()) throws -> [(TarEntry, String)] {
        var writer = TarWriter(MemorySink())
        try writeTree(root.directory, to: &writer, options: options)
        return try read(writer.finish().bytes)
    }

    @Test func theWholeTreeIsWrittenWithoutItsRoot() throws {
        try root.directory.makeDirectory("d", mode: 0o1777)
        try root.write("content", to: "d/f")
        try root.directory.symlink(target: "/d", at: "l")
        try root.directory.link("d/f", to: "h")
        try root.directory.link("l", to: "m")
        try root.directory.makeNode("socket", kind: .socket, mode: 0o600)
        let entries = try archive()
        #expect(entries.map(\.0.path) == ["d/", "d/f", "h", "l", "m"])
        #expect(entries.map(\.0.kind) == [.directory, .regular, .hardLink, .symlink, .symlink])
        #expect(entries[1].1 == "content")
        #expect(entries[2].0.linkTarget == "d/f")
        #expect(entries[0].0.permissions == 0o1777)
    }

    @Test(arguments: [(499_999_999, 5), (500_000_000, 6), (0, 5)] as [(UInt32, Int64)])
    func timesAreRounded(_ nanoseconds: UInt32, _ expected: Int64) throws {
        try root.write("x", to: "f")
        try root.directory.setTimes("f", modified: FileTime(seconds: 5, nanoseconds: nanoseconds))
        #expect(try archive()[0].0.modified == FileTime(seconds: expected))
    }

    @Test(arguments: [1, 120_000_000, 999_999_999] as [UInt32])
    func timesKeepTheirFractionsWhereThatIsAskedFor(_ nanoseconds: UInt32) throws {
        let time = FileTime(seconds: 1_600_000_000, nanoseconds: nanoseconds)
        try root.write("x", to: "f")
        try root.directory.setTimes("f", modified: time)
        #expect(try archive(TreeOptions(keepsFractions: true))[0].0.modified == time)
    }

    @Test func anEpochIsTheTimeOfEverything() throws {
        try root.write("x", to: "early", seconds: 1)
        try root.write("x", to: "late", seconds: 1 << 31)
        #expect(try archive(TreeOptions(epoch: 77)).map(\.0.modified.seconds) == [77, 77])
    }

    @Test func aPrefixGetsAnEntryAndIsPartOfLinks() throws {
        try root.write("x", to: "a")
        try root.directory.link("a", to: "b")
        let entries = try archive(TreeOptions(prefix: "linux_arm_v7")).map(\.0)
        #expect(entries.map(\.path) == ["linux_arm_v7/", "linux_arm_v7/a", "linux_arm_v7/b"])
        #expect(entries[0] == TarEntry(path: "linux_arm_v7/", kind: .directory, permissions: 0o755))
        #expect(entries[2].linkTarget == "linux_arm_v7/a")
    }

    @Test func attributesAreKeptButOverlaysOwn() throws {
        try root.write("x", to: "f")
        try root.directory.setExtendedAttribute("f", name: "user.a", value: [1, 0, 2])
        try root.directory.setExtendedAttribute("f", name: "user.overlay.origin", value: [1])
        #expect(try archive()[0].0.extendedAttributes == [ExtendedAttribute(name: "user.a", value: [1, 0, 2])])
    }

    @Test func anotherProgramUnpacksTheSameTree() async throws {
        try root.directory.makeDirectories("a/b")
        try root.write("1", to: "a/b/c")
        try root.directory.symlink(target: "c", at: "a/b/l")
        try root.write("long", to: Path("a/" + String(repeating: "\u{e4}", count: 100)))
        var writer = TarWriter(MemorySink())
        try writeTree(root.directory, to: &writer)
        let bytes = try writer.finish().bytes
        let other = try scratch.make("other")
        try await run("tar", ["-xf", "-"], in: scratch.path.appending("other"), input: bytes)
        #expect(try other.paths() == root.paths())
        #expect(try other.text("a/b/c") == "1")
    }
}
