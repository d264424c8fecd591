import Archive
import OCI
import Testing

@Suite struct CompressionTests {
    static let sizes = [0, 1, 511, 1 << 20, (1 << 20) + 1, 5 << 20]

    private func compress(
        _ bytes: [UInt8],
        _ format: LayerCompression,
        level: Int? = nil,
        threads: Int
    ) throws -> [UInt8] {
        var sink = try CompressingSink(MemorySink(), compression: format, level: level, threads: threads)
        // Uneven pieces: blocks must not depend on them.
        var start = 0
        while start < bytes.count {
            let end = min(start + 77_777, bytes.count)
            try sink.write(Array(bytes[start..<end]))
            start = end
        }
        return try sink.finish().bytes
    }

    private func decompress(_ bytes: [UInt8], format: CompressionFormat? = nil, chunk: Int = .max) throws -> [UInt8] {
        var source = try DecompressingSource(MemorySource(bytes, chunk: chunk), format: format)
        var sink = MemorySink()
        try source.copy(to: &sink)
        return sink.bytes
    }

    @Test(arguments: [LayerCompression.uncompressed, .gzip, .zstd], sizes)
    func whatIsCompressedComesBack(_ format: LayerCompression, _ size: Int) throws {
        let bytes = prose(size)
        let compressed = try compress(bytes, format, threads: 2)
        #expect(try decompress(compressed, format: CompressionFormat(format)) == bytes)
        if format != .uncompressed { #expect(try decompress(compressed) == bytes) }
    }

    @Test(arguments: [LayerCompression.gzip, .zstd])
    func bytesDoNotDependOnTheNumberOfThreads(_ format: LayerCompression) throws {
        let bytes = prose(9 << 20)
        let one = try compress(bytes, format, threads: 1)
        #expect(try compress(bytes, format, threads: 4) == one)
        #expect(try compress(bytes, format, threads: 3) == one)
    }

    @Test(arguments: [1, 6, 9, 12])
    func gzipHeaderIsTheSameAtAllLevels(_ level: Int) throws {
        let compressed = try compress(prose(100), .gzip, level: level, threads: 1)
        #expect(Array(compressed[..<10]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
    }

    @Test(arguments: [LayerCompression.gzip, .zstd])
    func levelsMatter(_ format: LayerCompression) throws {
        let bytes = prose(1 << 20)
        let fast = try compress(bytes, format, level: 1, threads: 1).count
        let small = try compress(bytes, format, level: 9, threads: 1).count
        #expect(small < fast)
        // Out of range is moved into it.
        #expect(try compress(bytes, format, level: 1000, threads: 1).count <= small)
    }

    @Test(arguments: [LayerCompression.gzip, .zstd], [1, 7, 4096])
    func inputMayComeInAnyPieces(_ format: LayerCompression, _ chunk: Int) throws {
        let bytes = prose(100_000)
        #expect(try decompress(compress(bytes, format, threads: 1), chunk: chunk) == bytes)
    }

    @Test(arguments: [LayerCompression.gzip, .zstd])
    func severalStreamsInARowAreOne(_ format: LayerCompression) throws {
        let parts = [prose(1000), [], prose(2000)]
        let joined = try parts.flatMap { try compress($0, format, threads: 1) }
        #expect(try decompress(joined) == parts.flatMap(\.self))
    }

    @Test(arguments: [LayerCompression.gzip, .zstd])
    func inputThatStopsEarlyIsAnError(_ format: LayerCompression) throws {
        let compressed = try compress(noise(3000), format, threads: 1)
        for count in [1, 5, compressed.count / 2, compressed.count - 1] {
            #expect(throws: ArchiveError.truncated(format: format.rawValue)) {
                try decompress(Array(compressed[..<count]), format: CompressionFormat(format))
            }
        }
        #expect(throws: ArchiveError.truncated(format: format.rawValue)) {
            try decompress([], format: CompressionFormat(format))
        }
    }

    @Test(arguments: [LayerCompression.gzip, .zstd], [[UInt8](repeating: 0, count: 512), Array("garbage".utf8)])
    func bytesAfterTheEndAreAnError(_ format: LayerCompression, _ garbage: [UInt8]) throws {
        let compressed = try compress(noise(3000), format, threads: 1) + garbage
        #expect(throws: ArchiveError.self) { try decompress(compressed) }
    }

    @Test(arguments: [LayerCompression.gzip, .zstd])
    func damagedInputIsAnError(_ format: LayerCompression) throws {
        var compressed = try compress(prose(300_000), format, threads: 1)
        for offset in stride(from: compressed.count / 3, to: compressed.count / 3 + 40, by: 1) {
            compressed[offset] ^= 0x55
        }
        #expect(throws: ArchiveError.self) { try decompress(compressed) }
    }

    @Test(arguments: [
        ("gzip", ["-c"], CompressionFormat.gzip), ("xz", ["-c"], .xz), ("bzip2", ["-c"], .bzip2),
        ("zstd", ["-c"], .zstd),
    ])
    func whatTheUsualToolsWriteIsRead(_ tool: String, _ arguments: [String], _ format: CompressionFormat) async throws {
        let scratch = try Scratch()
        for size in [0, 10, 300_000] {
            let bytes = prose(size)
            let compressed = try await run(tool, arguments, in: scratch.path, input: bytes)
            #expect(CompressionFormat(sniffing: compressed) == format)
            #expect(try decompress(compressed) == bytes)
            #expect(try decompress(compressed + compressed, chunk: 1000) == bytes + bytes)
        }
    }

    @Test(arguments: ["xz", "bzip2"])
    func toolsOutputThatStopsEarlyIsAnError(_ tool: String) async throws {
        let scratch = try Scratch()
        let compressed = try await run(tool, ["-c"], in: scratch.path, input: noise(10_000))
        for count in [20, compressed.count / 2, compressed.count - 1] {
            #expect(throws: ArchiveError.self) { try decompress(Array(compressed[..<count])) }
        }
    }

    @Test func xzInsideXzIsRefused() async throws {
        let scratch = try Scratch()
        let once = try await run("xz", ["-c"], in: scratch.path, input: prose(1000))
        let twice = try await run("xz", ["-c"], in: scratch.path, input: once)
        #expect(throws: ArchiveError.corrupt(format: "xz", detail: "compressed more than once")) {
            try decompress(twice)
        }
    }

    @Test(arguments: [("gzip", LayerCompression.gzip), ("zstd", .zstd)])
    func theUsualToolsReadWhatWeWrite(_ tool: String, _ format: LayerCompression) async throws {
        let scratch = try Scratch()
        let bytes = prose(3 << 20)
        let compressed = try compress(bytes, format, threads: 2)
        #expect(try await run(tool, ["-dc"], in: scratch.path, input: compressed) == bytes)
    }

    @Test func abandonedCompressionEndsItsThreads() throws {
        for _ in 0..<20 {
            var sink = try CompressingSink(MemorySink(), compression: .gzip, threads: 4)
            try sink.write(prose(3 << 20))
        }
    }

    @Test func anErrorOfTheSinkBehindComesThrough() throws {
        struct Full: Error {}
        struct FullSink: ByteSink {
            mutating func write(_ bytes: UnsafeRawBufferPointer) throws { throw Full() }
        }
        #expect(throws: Full.self) {
            var sink = try CompressingSink(FullSink(), compression: .zstd, threads: 2)
            try sink.write([UInt8](repeating: 7, count: 64 << 20))
            _ = try sink.finish()
        }
    }

    @Test func hashingSinkTellsDigestAndCount() throws {
        var sink = HashingSink(MemorySink())
        try sink.write(Array("abc".utf8))
        try sink.write(Array("def".utf8))
        #expect(sink.digest == Digest.sha256(of: "abcdef"))
        #expect(sink.count == 6)
        #expect(sink.release().bytes == Array("abcdef".utf8))
    }

    @Test(arguments: [0, 1 << 18, (1 << 18) + 1, 10 << 20])
    func theDigestIsRightAtAnyPointOfAStream(_ size: Int) throws {
        let bytes = prose(size)
        var sink = HashingSink(DiscardingSink())
        for start in stride(from: 0, to: size, by: 70_001) {
            try sink.write(Array(bytes[start..<min(start + 70_001, size)]))
            if start == 70_001 * 5 { #expect(sink.digest == Digest.sha256(of: bytes[..<(70_001 * 6)])) }
        }
        #expect(sink.digest == Digest.sha256(of: bytes))
        #expect(sink.digest == Digest.sha256(of: bytes))
        #expect(sink.count == Int64(size))
    }

    @Test(arguments: [
        ([], CompressionFormat.uncompressed), ([0x1f], .uncompressed), (Array("BZh9 is no bzip2".utf8), .uncompressed),
        ([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0], .zstd), ([0x1f, 0x8b, 8, 0], .gzip),
    ])
    func formatIsToldFromTheFirstBytes(_ bytes: [UInt8], _ format: CompressionFormat) {
        #expect(CompressionFormat(sniffing: bytes) == format)
    }
}
