import Archive
import Glibc
import LinuxSystem
import Testing

@Suite struct TarReaderTests {
    @Test func nothingAtAllIsAnEmptyArchive() throws {
        #expect(try read([]).isEmpty)
        #expect(try read([UInt8](repeating: 0, count: 1024)).isEmpty)
        #expect(try read([UInt8](repeating: 0, count: 10_240)).isEmpty)
    }

    @Test(arguments: [512 + 100, 1024 + 1, 1024 + 511, 100])
    func anArchiveThatStopsEarlyIsAnError(_ count: Int) throws {
        let archive = try tar([file("first", "content of it"), file("second", String(repeating: "x", count: 2000))])
        #expect(throws: ArchiveError.self) { try read(Array(archive[..<count])) }
    }

    @Test func theErrorOfATruncatedArchiveNamesTheEntry() throws {
        let archive = try tar([file("first", "1"), file("second", String(repeating: "x", count: 2000))])
        do {
            _ = try read(Array(archive[..<2000]))
            Issue.record("no error")
        } catch let error as ArchiveError {
            #expect(error.description.hasPrefix("cannot read tar archive at entry `second`: "))
        }
    }

    @Test func anArchiveWithoutItsEndIsAccepted() throws {
        let archive = try tar([file("a", "1")])
        #expect(try read(Array(archive[..<1024])).map(\.1) == ["1"])
    }

    @Test(arguments: ["text, and not an archive", String(repeating: "not an archive ", count: 200)])
    func otherBytesAreAnError(_ text: String) {
        #expect(throws: ArchiveError.self) { try read(Array(text.utf8)) }
    }

    @Test func aDamagedHeaderIsAnError() throws {
        var archive = try tar([file("a", "1"), file("b", "2")])
        archive[1024 + 3] ^= 0xff
        #expect(throws: ArchiveError.self) { try read(archive) }
    }

    @Test func aHugePaxHeaderIsRefused() throws {
        var entry = TarEntry(path: "x", kind: .regular)
        entry.extendedAttributes = [ExtendedAttribute(name: "user.big", value: [UInt8](repeating: 65, count: 2 << 20))]
        let archive = try tar(entry)
        #expect(throws: ArchiveError.self) { try read(archive) }
    }

    @Test func idsThatMeanNoChangeAreRefused() throws {
        var entry = TarEntry(path: "x", kind: .regular)
        entry.uid = .max
        let archive = try tar(entry)
        #expect(throws: ArchiveError.self) { try read(archive) }
    }

    @Test func errorsOfTheSourceComeThroughAsTheyAre() throws {
        struct Broken: Error {}
        struct BrokenSource: ByteSource {
            var served = false
            mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
                if served { throw Broken() }
                served = true
                let start = try tar([file("a", String(repeating: "x", count: 10_000))])[..<2048]
                buffer.copyBytes(from: start)
                return start.count
            }
        }
        #expect(throws: Broken.self) {
            var reader = try TarReader(BrokenSource())
            #expect(try reader.next()?.path == "a")
            _ = try reader.readAll()
        }
    }

    @Test func whatFailedBeforeHasNoInfluence() throws {
        // libarchive would take a name that is no UTF-8 for a lack of memory.
        let archive = try tar([file(Path(bytes: [0x66, 0xe4, 0xff]))])
        errno = ENOMEM
        var reader = try TarReader(MemorySource(archive))
        #expect(try reader.next()?.path == Path(bytes: [0x66, 0xe4, 0xff]))
    }

    @Test func contentIsSkippedWhereNobodyReadsIt() throws {
        let archive = try tar([file("a", String(repeating: "x", count: 5000)), file("b", "b")])
        var reader = try TarReader(MemorySource(archive, chunk: 700))
        #expect(try reader.next()?.path == "a")
        #expect(try reader.next()?.path == "b")
        #expect(try reader.readAll() == Array("b".utf8))
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    // MARK: Other programs' archives

    private static let dialects: [(String, [String])] = [
        ("tar", ["--format=gnu"]), ("tar", ["--format=posix"]), ("tar", ["--format=ustar"]),
        ("tar", ["--format=oldgnu"]),
        ("bsdtar", ["--format=pax"]), ("bsdtar", ["--format=ustar"]), ("bsdtar", ["--format=gnutar"]),
    ]

    @Test(arguments: dialects)
    func theArchivesOfTarAndBsdtarAreRead(_ tool: String, _ options: [String]) async throws {
        let scratch = try Scratch()
        let tree = try scratch.make("tree")
        try tree.directory.makeDirectory("dir", mode: 0o1770)
        try tree.write("hello", to: "dir/file", seconds: 1_600_000_000)
        try tree.directory.symlink(target: "../somewhere", at: "dir/link")
        try tree.directory.link("dir/file", to: "dir/same")
        let archive = try await run(tool, options + ["-cf", "-", "dir"], in: scratch.path.appending("tree"))
        let entries = try read(archive)
        let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.0.path.lexicallyNormalized().string, $0) })
        #expect(byName.keys.sorted() == ["dir", "dir/file", "dir/link", "dir/same"])
        #expect(byName["dir"]?.0.permissions == 0o1770)
        #expect(byName["dir/link"]?.0.linkTarget == "../somewhere")
        let pair = [byName["dir/file"], byName["dir/same"]].compactMap(\.self)
        #expect(Set(pair.map(\.0.kind)) == [.regular, .hardLink])
        #expect(Set(pair.map(\.1)) == ["hello", ""])
        #expect(pair.allSatisfy { $0.0.modified.seconds == 1_600_000_000 })
    }

    @Test(arguments: [("tar", ["--format=gnu"]), ("tar", ["--format=posix"]), ("bsdtar", ["--format=pax"])])
    func longAndForeignNamesAreReadByteForByte(_ tool: String, _ options: [String]) async throws {
        let scratch = try Scratch()
        let tree = try scratch.make("tree")
        let names: [Path] = [
            Path(String(repeating: "long", count: 50)), "\u{e4}\u{6f22}\u{1f600}", "e\u{301} decomposed",
            Path(bytes: [0x66, 0xe4, 0xff]), "new\nline",
        ]
        for name in names { try tree.write("x", to: name) }
        let archive = try await run(tool, options + ["-cf", "-", "."], in: scratch.path.appending("tree"))
        let read = try Set(read(archive).map { $0.0.path.lexicallyNormalized() })
        #expect(read.isSuperset(of: names))
    }

    @Test(arguments: [
        ("tar", ["--format=gnu", "-S"]), ("tar", ["--format=posix", "-S"]),
        ("bsdtar", ["--format=pax", "--read-sparse"]),
    ])
    func sparseFilesKeepContentAndSize(_ tool: String, _ options: [String]) async throws {
        let scratch = try Scratch()
        let tree = try scratch.make("tree")
        let file = try tree.directory.openFile("sparse", [.writeOnly, .create])
        for offset: Int64 in [1 << 20, 5 << 20] {
            try file.seek(to: offset)
            try file.writeAll([UInt8](repeating: 1, count: 5000))
        }
        try file.truncate(to: 9 << 20)
        let archive = try await run(tool, options + ["-cf", "-", "sparse"], in: scratch.path.appending("tree"))
        #expect(archive.count < 1 << 20)
        var reader = try TarReader(MemorySource(archive))
        #expect(try reader.next()?.size == 9 << 20)
        let content = try reader.readAll()
        #expect(content == (try tree.directory.readFile("sparse")))
        let target = try scratch.make("target")
        try unpack(archive, into: target)
        #expect(try target.directory.readFile("sparse") == content)
        #expect(try (target.status("sparse")?.blocks ?? .max) < 200)
    }

    @Test func nanosecondsOfPaxTimesAreRead() async throws {
        let scratch = try Scratch()
        let tree = try scratch.make("tree")
        try tree.write("x", to: "a")
        let time = FileTime(seconds: 1_600_000_000, nanoseconds: 123_456_789)
        try tree.directory.setTimes("a", modified: time)
        let archive = try await run("tar", ["--format=posix", "-cf", "-", "a"], in: scratch.path.appending("tree"))
        #expect(try read(archive)[0].0.modified == time)
    }

    @Test(arguments: ["bsdtar", "tar"])
    func otherProgramsListAndExtractOurs(_ tool: String) async throws {
        let scratch = try Scratch()
        var entry = TarEntry(path: "d/\u{e4}", kind: .regular, permissions: 0o4711, uid: 5, gid: 6)
        entry.modified = FileTime(seconds: 86400)
        let long = Path("d/" + String(repeating: "n", count: 120))
        let archive = try tar([
            directory("d"), (entry, "content"), file(long, "long"), hardLink("d/z", to: long), symlink("d/s", to: long),
        ])
        let list = String(
            decoding: try await run(tool, ["-tvf", "-"], in: scratch.path, input: archive),
            as: UTF8.self
        )
        #expect(list.split(separator: "\n").count == 5)
        #expect(list.contains("-rws--x--x"))
        try await run(tool, ["-xf", "-", "--no-same-owner"], in: scratch.path, input: archive)
        #expect(try scratch.directory.text("d/\u{e4}") == "content")
        #expect(try scratch.directory.text("d/z") == "long")
        #expect(try scratch.directory.directory.readLink("d/s") == long)
    }
}
