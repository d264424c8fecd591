import Archive
import LinuxSystem
import Testing

@Suite struct ExtractionTests {
    private let scratch: Scratch
    private let root: SharedDirectory

    init() throws {
        scratch = try Scratch()
        root = try scratch.make("root")
    }

    private var options: ExtractionOptions { ExtractionOptions(ownership: isRoot ? .real : .ignoreRefused) }

    private func opened(_ bytes: [UInt8]) throws -> FileDescriptor {
        try scratch.directory.directory.writeFile("archive", bytes)
        return try scratch.directory.directory.openFile("archive")
    }

    @Test(arguments: [nil, "gzip", "xz", "bzip2", "zstd"])
    func archivesAreKnownByContentAndExtracted(_ tool: String?) async throws {
        var archive = try tar([directory("d", 0o750), file("d/f", "content")])
        if let tool { archive = try await run(tool, ["-c"], in: scratch.path, input: archive) }
        #expect(try isArchive(opened(archive)))
        try extractArchive(FileSource(opened(archive)), into: root.directory, options: options)
        #expect(try root.text("d/f") == "content")
        #expect(try root.status("d")?.permissions == 0o750)
    }

    @Test func compressedTextAndOtherFilesAreNoArchives() async throws {
        let text = Array("just text, but rather a lot of it\n".utf8)
        let others: [[UInt8]] = [
            [], text, Array(repeating: text, count: 100).flatMap(\.self), [UInt8](repeating: 0, count: 10_240),
            try await run("gzip", ["-c"], in: scratch.path, input: text),
            try await run("xz", ["-c"], in: scratch.path, input: text),
            [0x1f, 0x8b, 8, 0], Array("PK\u{3}\u{4}".utf8),
        ]
        for bytes in others { #expect(try !isArchive(opened(bytes))) }
    }

    @Test func directoriesAndDevicesAreNoArchives() throws {
        #expect(try !isArchive(scratch.directory.directory.openFile("root")))
        #expect(try !isArchive(FileDescriptor.open("/dev/null")))
    }

    @Test func askingMovesNoOffset() throws {
        let archive = try tar([file("a", "1")])
        let file = try opened(archive)
        #expect(try isArchive(file))
        #expect(try isArchive(file))
        #expect(try file.readAll() == archive)
    }

    @Test func whiteoutNamesMeanNothing() throws {
        let archive = try tar([file("a", "1"), file(".wh.a", "2"), file(".wh..wh..opq", "3")])
        try extractArchive(MemorySource(archive), into: root.directory, options: options)
        #expect(try root.paths() == [".wh..wh..opq", ".wh.a", "a"])
    }

    @Test func whatIsThereIsReplacedOrMerged() throws {
        try root.directory.makeDirectory("d")
        try root.write("kept", to: "d/kept")
        try root.write("old", to: "f")
        try root.directory.symlink(target: "d", at: "s")
        let archive = try tar([directory("d", 0o700), file("d/new", "1"), file("f", "new"), file("s/via", "2")])
        try extractArchive(MemorySource(archive), into: root.directory, options: options)
        #expect(try root.paths() == ["d/", "d/kept", "d/new", "d/via", "f", "s"])
        #expect(try root.text("f") == "new")
        #expect(try root.status("d")?.permissions == 0o700)
    }

    @Test(.enabled(if: isRoot, "needs root to give files away"))
    func anOwnerMayReplaceThatOfTheArchive() throws {
        let mine = TarEntry(path: "d/f", kind: .regular, uid: 5, gid: 6)
        let folder = TarEntry(path: "d", kind: .directory, permissions: 0o755, uid: 5, gid: 6)
        let archive = try tar(folder, mine)
        try extractArchive(MemorySource(archive), into: root.directory, options: options)
        #expect(try root.status("d/f")?.uid == 5 && root.status("d")?.gid == 6)
        let chowned = ExtractionOptions(owner: FileOwner(uid: 11, gid: 12))
        try extractArchive(MemorySource(archive), into: root.directory, options: chowned)
        #expect(try root.status("d/f")?.uid == 11 && root.status("d")?.gid == 12)
    }

    @Test func aLinkWithoutItsTargetIsAnError() throws {
        let archive = try tar([hardLink("a", to: "missing")])
        #expect(throws: ArchiveError.self) {
            try extractArchive(MemorySource(archive), into: root.directory, options: options)
        }
    }

    @Test func attributesAreSetWhereItIsPossible() throws {
        var entry = TarEntry(path: "s", kind: .symlink, permissions: 0o777, linkTarget: "x")
        entry.extendedAttributes = [ExtendedAttribute(name: "user.impossible", value: [1])]
        let changes = try extractArchive(MemorySource(tar(entry)), into: root.directory, options: options)
        #expect(changes.skipped.map(\.part).contains(.attribute("user.impossible")))
    }

    @Test func namesAndLinksStayInside() throws {
        let archive = try tar([
            symlink("out", to: scratch.path), file("out/evil", "1"), file("../evil", "2"), symlink("up", to: "../.."),
            file("up/evil2", "3"),
        ])
        try extractArchive(MemorySource(archive), into: root.directory, options: options)
        #expect(try scratch.directory.directory.entries().map(\.name.string).sorted() == ["root"])
        #expect(try root.text("evil2") == "3")
    }
}
