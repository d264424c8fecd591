import Archive
import LinuxSystem
import OCI
import Testing

/// Input that was changed at random: errors are expected, crashes and escapes are not.
@Suite struct DamagedInputTests {
    private static let archive: [UInt8] = {
        var capable = TarEntry(path: "d/\u{e4}", kind: .regular, permissions: 0o755)
        capable.extendedAttributes = [ExtendedAttribute(name: "user.a", value: [1, 2, 3])]
        let entries: [(TarEntry, String)] = [
            directory("d"), (capable, "content"), symlink("l", to: "../../victim"), file("l/x", "y"),
            hardLink("h", to: "d/\u{e4}"), file(".wh.gone"), file("d/.wh..wh..opq"),
            file(Path(String(repeating: "n", count: 200)), String(repeating: "z", count: 1000)),
        ]
        return (try? tar(entries)) ?? []
    }()

    /// Bytes with a few of them changed, the same for each seed.
    private func damaged(_ bytes: [UInt8], seed: UInt64) -> [UInt8] {
        var bytes = bytes
        let numbers = noise(24, seed: seed).map(Int.init)
        for change in 0..<Int(1 + seed % 4) {
            let place = numbers[change * 4] << 8 | numbers[change * 4 + 1]
            bytes[place % bytes.count] = UInt8(numbers[change * 4 + 2])
        }
        return seed % 5 == 0 ? Array(bytes[..<(numbers[20] * bytes.count / 256)]) : bytes
    }

    @Test(arguments: 0..<150)
    func aDamagedArchiveIsUnpackedInsideOrNotAtAll(_ seed: UInt64) throws {
        let scratch = try Scratch()
        let root = try scratch.make("root")
        let victim = try scratch.make("victim")
        _ = try? unpack(damaged(Self.archive, seed: seed), into: root)
        #expect(try victim.paths().isEmpty)
        #expect(try scratch.directory.directory.entries().count == 2)
        // Whatever mode a directory got, it can be removed.
        if !isRoot {
            try walk(root.directory) { entry, parent in
                if entry.status.kind == .directory { try parent.setPermissions(entry.name, 0o700) }
                return .descend
            }
        }
    }

    @Test(arguments: [LayerCompression.gzip, .zstd], 0..<60)
    func damagedCompressedDataEndsOneWayOrTheOther(_ format: LayerCompression, _ seed: UInt64) throws {
        var sink = try CompressingSink(MemorySink(), compression: format, threads: 1)
        try sink.write(prose(20_000))
        let bytes = damaged(try sink.finish().bytes, seed: seed)
        var output = MemorySink()
        do {
            var source = try DecompressingSource(MemorySource(bytes, chunk: 997), format: CompressionFormat(format))
            try source.copy(to: &output)
        } catch {
            #expect(error is ArchiveError)
        }
        #expect(output.bytes.count < 1 << 20)
    }

    @Test(arguments: ["gzip", "zstd", "xz", "bzip2"])
    func aReaderMayStopAnywhere(_ tool: String) async throws {
        let scratch = try Scratch()
        let compressed = try await run(tool, ["-c"], in: scratch.path, input: prose(1 << 20))
        var buffer = [UInt8](repeating: 0, count: 100)
        for reads in [0, 1, 500] {
            var source = try DecompressingSource(MemorySource(compressed, chunk: 64))
            for _ in 0..<reads { _ = try buffer.withUnsafeMutableBytes { try source.read(into: $0) } }
        }
    }

    @Test func aZstdWindowOfMoreThan128MiBIsRefused() throws {
        // RFC 8878 §3.1.1.1.2: the exponent is in the upper five bits; 10 is added. Then an empty last block.
        func frame(windowLog: UInt8) -> [UInt8] { [0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 1, 0, 0] }
        var source = try DecompressingSource(MemorySource(frame(windowLog: 27)))
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(try buffer.withUnsafeMutableBytes { try source.read(into: $0) } == 0)
        var hostile = try DecompressingSource(MemorySource(frame(windowLog: 31)))
        #expect(throws: ArchiveError.self) { try buffer.withUnsafeMutableBytes { try hostile.read(into: $0) } }
    }
}
