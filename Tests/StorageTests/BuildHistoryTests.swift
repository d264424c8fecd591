import LinuxSystem
import OCI
import Testing

@testable import Storage

struct BuildHistoryTests {
    private func record(_ number: Int, contents: [String] = [], outcome: StepRecord.Outcome = .ran) -> BuildRecord {
        var record = BuildRecord(
            id: BuildHistory.makeID(),
            name: "build \(number)",
            status: .failed,
            startedAt: Timestamp(seconds: 1_700_000_000 + Int64(number), nanoseconds: 5),
            nanoseconds: 1_500_000_000,
            definition: BuildRecordDefinition(directory: "/w", context: "/w/\u{e9} \"x\"", dockerfile: "Dockerfile")
        )
        record.definition.buildArguments = ["A": "1\n2"]
        record.definition.options = ["--network": ["none"]]
        record.definition.target = "t"
        record.parts = [StepRecord.Part(kind: "environment", name: "A", value: "1")]
        record.error = "failed: <&>"
        var step = StepRecord(vertex: "sha256:1", name: "[1/1] RUN", outcome: outcome)
        step.key = "sha256:2"
        step.parts = [0]
        step.line = 3
        step.start = 7
        step.inputs = contents.map { StepRecord.Input(kind: .content, digest: $0, step: nil) }
        step.inputs.append(StepRecord.Input(kind: .scratch, digest: nil, step: nil))
        record.steps = [step]
        record.outputs = [BuildRecord.Output(type: "oci", destination: "x", digest: nil, names: ["n"])]
        return record
    }

    private func writeListing(_ history: BuildHistory, _ text: String) throws -> Digest {
        let digest = Digest.sha256(of: text)
        var writer = try history.listings.makeWriter()
        try writer.append(ContentEntry(Path(text), FileStatus.of("/dev/null")))
        try writer.finish(digest)
        return digest
    }

    @Test func whatIsStoredIsRead() async throws {
        try await withCache { cache in
            let first = record(1)
            let second = record(2)
            let log = [
                HistoryLogEntry(step: 0, stream: 1, time: 12, bytes: Array("out".utf8)),
                HistoryLogEntry(step: 0, stream: 2, time: 1 << 40, bytes: []),
            ]
            try cache.history.store(first, log: log)
            try cache.history.store(second, log: [])
            let entries = try cache.history.entries()
            #expect(entries.map(\.id) == [second.id, first.id])
            #expect(try entries.map { try cache.history.record($0) } == [second, first])
            #expect(try entries.map { try cache.history.log($0) } == [[], log])
            #expect(try BuildHistory.open(cache.root)?.entries() == entries)
            #expect(try cache.history.usage() > 0)
        }
    }

    @Test func nothingIsThereBeforeTheFirstBuild() async throws {
        try await withTemporaryRoot { root in
            for path in [root, root.appending("none")] {
                let history = try BuildHistory.open(path)
                #expect(history == nil)
            }
        }
    }

    @Test("a record that is cut at any place is dropped", arguments: [0, 1, 40, 300])
    func damaged(_ length: Int) async throws {
        try await withCache { cache in
            let record = record(1)
            try cache.history.store(record, log: [])
            let entry = try #require(try cache.history.entries().first)
            let path = Path("history").appending(entry.name + ".json")
            let bytes = try cache.directory.readFile(path)
            try cache.directory.writeFile(path, Array(bytes.prefix(length)))
            #expect(try cache.history.record(entry) == nil)
            #expect(try cache.history.entries().isEmpty)
        }
    }

    @Test("a record of a newer version is left alone")
    func newer() async throws {
        try await withCache { cache in
            try cache.history.store(record(1), log: [])
            let entry = try #require(try cache.history.entries().first)
            let path = Path("history").appending(entry.name + ".json")
            try cache.directory.writeFile(path, Array("{\"contents\":[],\"other\":1}".utf8))
            #expect(try cache.history.record(entry) == nil)
            #expect(try cache.history.entries() == [entry])
        }
    }

    @Test("a damaged log gives what can be read, or says so")
    func damagedLog() async throws {
        try await withCache { cache in
            let piece = HistoryLogEntry(step: 0, stream: 1, time: 0, bytes: Array("text".utf8))
            try cache.history.store(record(1), log: [piece])
            let entry = try #require(try cache.history.entries().first)
            try cache.directory.writeFile(Path("history").appending(entry.name + ".log"), Array("not zstd".utf8))
            #expect(throws: (any Error).self) { try cache.history.log(entry) }
        }
    }

    @Test("the oldest records go, with the listings that nothing else names")
    func bounds() async throws {
        try await withCache { cache in
            let shared = try writeListing(cache.history, "shared")
            var own: [Digest] = []
            for number in 0..<61 {
                own.append(try writeListing(cache.history, "own \(number)"))
                let contents = ["\(shared)", "\(own[number])"]
                try cache.history.store(record(number, contents: contents, outcome: .hit), log: [])
            }
            #expect(try cache.history.entries().count == BuildHistory.count)
            // Young listings may be those of builds that are going on.
            #expect(cache.history.listings.contains(own[0]))
            try cache.history.remove([])
            #expect(!cache.history.listings.contains(own[10]))
            #expect(cache.history.listings.contains(own[11]) && cache.history.listings.contains(shared))
            try cache.history.remove(try cache.history.entries())
            #expect(try cache.names(in: "history") == ["contents"])
            #expect(try cache.names(in: "history/contents").isEmpty)
        }
    }

    @Test("what the files take is bounded")
    func size() async throws {
        try await withCache { cache in
            // Random, so that it stays as large as it is.
            var generator = SystemRandomNumberGenerator()
            let bytes = (0..<(9 << 17)).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
            for number in 0..<9 {
                let piece = HistoryLogEntry(step: 0, stream: 1, time: 0, bytes: bytes)
                try cache.history.store(record(number), log: [piece])
            }
            #expect(try cache.history.entries().count == 7)
            #expect(try cache.history.usage() <= BuildHistory.size)
        }
    }
}

struct ContentListingTests {
    private func status(_ kind: FileKind, size: Int64 = 0) throws -> FileStatus {
        var status = try FileStatus.of("/dev/null")
        status.kind = kind
        status.size = size
        status.permissions = 0o4755
        status.uid = 70_000
        return status
    }

    @Test func entriesComeBackAsTheyWere() async throws {
        try await withCache { cache in
            let entries = [
                ContentEntry("", try status(.directory)),
                ContentEntry("a", try status(.directory), attributes: [1, 2]),
                ContentEntry("a/b", try status(.regular, size: 1 << 40), content: Array(0..<16)),
                ContentEntry("a/bc", try status(.symlink), content: Array("b".utf8)),
                ContentEntry(Path(bytes: [0xff, 0x0a]), try status(.characterDevice), content: Array("1:3".utf8)),
            ]
            let content = Digest.sha256(of: "x")
            var writer = try cache.history.listings.makeWriter()
            for entry in entries { try writer.append(entry) }
            #expect(!cache.history.listings.contains(content))
            try writer.finish(content)
            var read: [ContentEntry] = []
            #expect(try cache.history.listings.read(content) { read.append($0) })
            #expect(read == entries)
            #expect(try !cache.history.listings.read(.sha256(of: "y")) { _ in })
        }
    }

    @Test func whatIsNotFinishedLeavesNothing() async throws {
        try await withCache { cache in
            do {
                var writer = try cache.history.listings.makeWriter()
                try writer.append(ContentEntry("a", try status(.fifo)))
            }
            #expect(try cache.names(in: "history/contents").isEmpty)
        }
    }

    @Test func manyEntriesAreSmall() async throws {
        try await withCache { cache in
            var writer = try cache.history.listings.makeWriter()
            for number in 0..<20_000 {
                let hash = DigestHasher.prefix(of: "\(number)")
                let path = Path("some/directory/\(number / 100)/file-\(number).txt")
                try writer.append(ContentEntry(path, try status(.regular, size: 10), content: hash))
            }
            let content = Digest.sha256(of: "many")
            try writer.finish(content)
            let size = try cache.directory.status(Path("history/contents").appending(content.hex)).size
            #expect(size < 20_000 * 24, "\(size)")
            var count = 0
            #expect(try cache.history.listings.read(content) { _ in count += 1 })
            #expect(count == 20_000)
        }
    }
}

extension DigestHasher {
    fileprivate static func prefix(of text: String) -> [UInt8] {
        var hasher = DigestHasher()
        hasher.update(Array(text.utf8))
        return Array(hasher.finalizeBytes().prefix(16))
    }
}
