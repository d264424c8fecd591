import Archive
import LinuxSystem
import OCI
import Testing

@Suite struct TarWriterTests {
    /// The header of a 5-byte file as it must be, written by hand.
    private static func header(_ name: String, flag: Character = "0", size: String, mode: String = "0000644") -> [UInt8]
    {
        // Go leaves the numbers of devices empty in a PAX header.
        let device = flag == "x" ? "" : "0000000"
        func padded(_ text: String, _ count: Int) -> String {
            text + String(repeating: "\0", count: count - text.utf8.count)
        }
        let start =
            padded(name, 100) + padded(mode, 8) + padded("0000000", 8) + padded("0000000", 8) + padded(size, 12)
            + padded("00000000000", 12)
        let end =
            String(flag) + padded("", 100) + "ustar\u{0}00" + padded("", 64) + padded(device, 8)
            + padded(device, 8) + padded("", 167)
        let sum = (start + "        " + end).utf8.reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        let checksum = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
        return Array((start + checksum + end).utf8)
    }

    @Test func anEmptyArchiveIsTwoZeroBlocks() throws {
        let bytes = try TarWriter(MemorySink()).finish().bytes
        #expect(bytes == [UInt8](repeating: 0, count: 1024))
        // The diff ID of a step that changes nothing (spec/04 §4.4).
        #expect(
            Digest.sha256(of: bytes).description
                == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
        )
    }

    @Test func aSmallFileHasThePlainUstarHeader() throws {
        let bytes = try tar([file("a/b.txt", "hello")])
        let content = Array("hello".utf8) + [UInt8](repeating: 0, count: 507)
        #expect(bytes == Self.header("a/b.txt", size: "00000000005") + content + [UInt8](repeating: 0, count: 1024))
    }

    @Test func directoriesGetASlash() throws {
        let expected = Self.header("d/e/", flag: "5", size: "00000000000", mode: "0001777")
        for name: Path in ["d/e", "d/e/"] {
            let bytes = try tar([directory(name, 0o1777)])
            #expect(Array(bytes[..<512]) == expected)
        }
    }

    @Test func aPaxHeaderIsWrittenOnlyWhereItIsNeeded() throws {
        let short = Path(String(repeating: "n", count: 100))
        #expect(try tar([file(short)]).count == 512 + 1024)
        let long = Path(String(repeating: "n", count: 101))
        #expect(try tar([file(long)]).count == 3 * 512 + 1024)
        #expect(try tar([file("\u{e4}")]).count == 3 * 512 + 1024)
    }

    @Test func thePaxHeaderIsNamedLikeGos() throws {
        let bytes = try tar([file("dir/na\u{e4}me")])
        #expect(
            Array(bytes[..<512])
                == Self.header("dir/PaxHeaders.0/name", flag: "x", size: "00000000023", mode: "0000000")
        )
        #expect(Array(bytes[512..<531]) == Array("19 path=dir/na\u{e4}me\n".utf8))
        // Cleaned before what is not ASCII is left out.
        let directoryBytes = try tar([directory("dir/\u{e4}")])
        #expect(Array(directoryBytes[..<512]).starts(with: Array("dir//PaxHeaders.0\0".utf8)))
    }

    @Test func aLongNameIsSplitAtASlashWhenNothingElseNeedsPax() throws {
        let name = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 50)
        let bytes = try tar([file(Path(name))])
        #expect(bytes.count == 512 + 1024)
        #expect(Array(bytes[345..<435]) == Array(repeating: UInt8(ascii: "d"), count: 90))
        #expect(try read(bytes)[0].0.path == Path(name))
    }

    @Test func aLongNameOfAnEntryWithAttributesIsInThePaxHeader() throws {
        var entry = TarEntry(
            path: Path(String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 50)),
            kind: .regular
        )
        entry.extendedAttributes = [ExtendedAttribute(name: "security.capability", value: [1, 0, 10, 255])]
        let bytes = try tar(entry)
        #expect(Array(bytes[345..<500]).allSatisfy { $0 == 0 })
        // Sorted by key: the attribute comes before the path.
        let records = Array("41 SCHILY.xattr.security.capability=".utf8) + [1, 0, 10, 255, 10]
        #expect(Array(bytes[512..<512 + records.count]) == records)
        #expect(try read(bytes).map(\.0) == [entry])
    }

    @Test func everyEntryComesBackAsItWas() throws {
        var device = TarEntry(path: "dev/null", kind: .characterDevice, permissions: 0o666)
        device.deviceMajor = 1
        device.deviceMinor = 3
        var owned = TarEntry(path: "big-ids", kind: .regular, uid: 3_000_000_000, gid: 2_097_152)
        owned.modified = FileTime(seconds: 1_700_000_000)
        var capable = TarEntry(path: "capable", kind: .regular, permissions: 0o4755)
        capable.extendedAttributes = [
            ExtendedAttribute(name: "security.capability", value: [1, 0, 0, 2, 0, 32, 10, 0, 61]),
            ExtendedAttribute(name: "user.x", value: []),
        ]
        var early = TarEntry(path: "early", kind: .regular)
        early.modified = FileTime(seconds: -1)
        var late = TarEntry(path: "late", kind: .regular)
        late.modified = FileTime(seconds: 1 << 40)
        let long = Path(String(repeating: "x", count: 300))
        let entries = [
            TarEntry(path: "d/", kind: .directory, permissions: 0o1777), device, owned, capable, early, late,
            TarEntry(path: "l", kind: .symlink, permissions: 0o777, linkTarget: long),
            TarEntry(path: "h", kind: .hardLink, linkTarget: "capable"),
            TarEntry(path: "p", kind: .fifo, permissions: 0o600),
            TarEntry(path: long, kind: .regular),
            TarEntry(path: Path(bytes: [0x66, 0xff, 0xfe, 0x0a, 0x20]), kind: .regular),
            TarEntry(path: "e\u{301}", kind: .symlink, permissions: 0o777, linkTarget: Path(bytes: [0xe4, 0xf6])),
        ]
        let archive = try tar(entries.map { ($0, "") })
        #expect(try read(archive).map(\.0) == entries)
        #expect(try read(archive, chunk: 100).map(\.0) == entries)
    }

    @Test func theDigitsOfAPaxRecordsLengthCount() throws {
        // Around the points where the length gets another digit.
        for count in 85...100 {
            let name = Path(String(repeating: "\u{e4}", count: count / 2))
            #expect(try read(tar([file(name)]))[0].0.path == name)
        }
        for count in 975...1000 {
            let name = Path(String(repeating: "n", count: count))
            #expect(try read(tar([file(name)]))[0].0.path == name)
        }
    }

    @Test func sizesAbove8GiBAreInThePaxHeader() throws {
        let size: Int64 = 1 << 33
        #expect(throws: ArchiveError.sizeMismatch(entry: "big", announced: size, written: 0)) {
            var writer = TarWriter(MemorySink())
            try writer.append(TarEntry(path: "big", kind: .regular, size: size))
            _ = try writer.finish()
        }
    }

    @Test func contentMustHaveTheAnnouncedSize() throws {
        var writer = TarWriter(MemorySink())
        try writer.append(TarEntry(path: "a", kind: .regular, size: 3))
        #expect(throws: ArchiveError.sizeMismatch(entry: "a", announced: 3, written: 4)) {
            try writer.write([1, 2, 3, 4])
        }
        try writer.write([1, 2])
        #expect(throws: ArchiveError.sizeMismatch(entry: "a", announced: 3, written: 2)) {
            try writer.append(TarEntry(path: "b", kind: .regular))
        }
    }

    @Test func whatTarCannotSayIsAnError() throws {
        var device = TarEntry(path: "d", kind: .blockDevice)
        device.deviceMinor = 1 << 21
        #expect(throws: ArchiveError.unrepresentable(entry: "d", field: "minor number")) { try tar(device) }
        #expect(throws: ArchiveError.unrepresentable(entry: "", field: "empty name")) {
            try tar(TarEntry(path: "", kind: .regular))
        }
        #expect(throws: ArchiveError.unrepresentable(entry: "x", field: "content")) {
            var writer = TarWriter(MemorySink())
            try writer.append(TarEntry(path: "x", kind: .directory, size: 1))
        }
    }
}
