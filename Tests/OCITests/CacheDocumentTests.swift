import OCI
import Testing

struct CacheDocumentTests {
    private let blobs = (0..<3).map { Digest.sha256(of: "blob \($0)") }
    private let digests = (0..<3).map { Digest.sha256(of: "record \($0)") }

    @Test func aParentInPlace0IsLeftOutAndNoneIsMinus1() throws {
        let document = CacheDocument(
            layers: [
                .init(blob: blobs[0], parent: nil), .init(blob: blobs[1], parent: 0), .init(blob: blobs[2], parent: 1),
            ],
            records: []
        )
        let text = String(decoding: document.encoded(), as: UTF8.self)
        #expect(
            text == """
                {"layers":[{"blob":"\(blobs[0])","parent":-1},{"blob":"\(blobs[1])"},\
                {"blob":"\(blobs[2])","parent":1}],"records":[]}
                """
        )
        #expect(try CacheDocument(json: document.encoded()) == document)
    }

    @Test func anInlineCacheIsRecordsAlone() throws {
        let created = Timestamp(seconds: 1_000_000_000, nanoseconds: 5)
        let document = CacheDocument(
            layers: [],
            records: [
                .init(digest: digests[0]),
                .init(
                    digest: digests[1],
                    inputs: [[.init(selector: digests[2], record: 0), .init(record: 0)], []],
                    results: [.init(layers: [1], createdAt: created)]
                ),
            ]
        )
        let bytes = document.encodedRecords()
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                [{"digest":"\(digests[0])"},{"layers":[{"layer":1,"createdAt":"\(created)"}],"digest":"\(digests[1])",\
                "inputs":[[{"selector":"\(digests[2])","link":0},{"link":0}],[]]}]
                """
        )
        #expect(try CacheDocument(inlineJSON: bytes, layerCount: 2) == document)
        #expect(throws: DocumentError.self) { try CacheDocument(inlineJSON: bytes, layerCount: 1) }
    }

    @Test func chainsAreReadAndWritten() throws {
        let document = CacheDocument(
            layers: [.init(blob: blobs[0], parent: nil), .init(blob: blobs[1], parent: nil)],
            records: [.init(digest: digests[0], chains: [.init(layers: [1, 0], createdAt: nil)])]
        )
        #expect(try CacheDocument(json: document.encoded()) == document)
    }

    @Test(
        "numbers out of range and other nonsense are refused",
        arguments: [
            "[]", "{\"layers\":[{\"blob\":\"sha256:1\"}]}", "{\"records\":[{\"digest\":7}]}",
            "{\"layers\":[{\"blob\":\"DIGEST\",\"parent\":3}],\"records\":[]}",
            "{\"records\":[{\"digest\":\"DIGEST\",\"inputs\":[[{\"link\":1}]]}]}",
            "{\"records\":[{\"digest\":\"DIGEST\",\"layers\":[{\"layer\":0}]}]}",
            "{\"records\":[{\"digest\":\"DIGEST\",\"inputs\":[[{\"link\":-1}]]}]}",
        ]
    )
    func refuses(text: String) {
        let bytes = Array(text.split(separator: "DIGEST").joined(separator: digests[0].description).utf8)
        #expect(throws: DocumentError.self) { try CacheDocument(json: bytes) }
    }

    @Test func whatBuildKitWritesIsRead() throws {
        // The shape of spec/05 §5.7.
        let text = """
            {"layers":[{"blob":"\(blobs[0])","parent":1},{"blob":"\(blobs[1])","parent":-1}],"records":[\
            {"digest":"\(digests[0])"},{"layers":[{"layer":0,"createdAt":"2026-11-21T02:12:56.123456789Z"}],\
            "digest":"\(digests[1])","inputs":[[{"link":0}],[{"selector":"\(digests[2])","link":0},{"link":0}]]}]}
            """
        let document = try CacheDocument(json: Array(text.utf8))
        #expect(document.layers.map(\.parent) == [1, nil])
        #expect(
            document.records[1].results == [
                .init(layers: [0], createdAt: try Timestamp(parsing: "2026-11-21T02:12:56.123456789Z"))
            ]
        )
        #expect(String(decoding: document.encoded(), as: UTF8.self) == text)
    }
}
