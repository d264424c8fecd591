import BuildGraph
import OCI
import Testing

@testable import Operations

/// Which keys lead to which layers of a cache elsewhere.
struct CacheContentsTests {
    private let layers = ["base", "top"].map { name in
        ImportedLayer(
            descriptor: Descriptor(mediaType: MediaType.ociLayerGzip, digest: .sha256(of: name), size: 1),
            diffID: .sha256(of: "diff \(name)")
        )
    }
    private let image = Digest.sha256(of: "image")
    private let run = Digest.sha256(of: "run")
    private let copy = Digest.sha256(of: "copy")
    private let file = Digest.sha256(of: "file")
    private let selector = Digest.sha256(of: "selector")

    private var table: [CacheDocument.Layer] {
        [.init(blob: layers[0].descriptor.digest, parent: nil), .init(blob: layers[1].descriptor.digest, parent: 0)]
    }

    @Test func aResultIsFoundByItsWholeChain() {
        let document = CacheDocument(
            layers: table,
            records: [
                .init(digest: image), .init(digest: file),
                .init(
                    digest: copy,
                    inputs: [[.init(record: 0)], [.init(record: 1)]],
                    results: [.init(layers: [1], createdAt: nil)]
                ),
            ]
        )
        let contents = CacheContents(document, layers: layers)
        let base = CacheKey(identity: image, inputs: [])
        #expect(contents.layers(of: CacheKey(identity: copy, inputs: [.key(base), .content(file)])) == layers)
        // Neither the record's own digest nor another chain to it is enough.
        #expect(contents.layers(of: CacheKey(digest: copy)) == nil)
        #expect(contents.layers(of: CacheKey(identity: copy, inputs: [.key(base), .content(run)])) == nil)
        #expect(contents.layers(of: CacheKey(identity: copy, inputs: [.key(base)])) == nil)
        #expect(contents.layers(of: base) == nil)
    }

    @Test func aContentIsRecalledByKeyAndSelector() {
        let document = CacheDocument(
            layers: table,
            records: [
                .init(digest: run, inputs: [[]]), .init(digest: file),
                .init(
                    digest: copy,
                    inputs: [[.init(selector: selector, record: 0), .init(record: 1)]],
                    results: [.init(layers: [0], createdAt: nil)]
                ),
            ]
        )
        let contents = CacheContents(document, layers: layers)
        let key = CacheKey(identity: run, inputs: [.scratch])
        #expect(contents.content(of: key, selector: selector) == file)
        #expect(contents.content(of: key, selector: copy) == nil)
        #expect(contents.layers(of: CacheKey(identity: copy, inputs: [.content(file)])) == [layers[0]])
        // By the key alone nobody asks: what counts is a part of the result.
        #expect(contents.layers(of: CacheKey(identity: copy, inputs: [.key(key)])) == nil)
    }

    @Test func alternativesAreAllFound() {
        let document = CacheDocument(
            layers: table,
            records: [
                .init(digest: image), .init(digest: run, inputs: [[.init(record: 0)]]),
                .init(digest: run, inputs: [[]]),
                .init(
                    digest: copy,
                    inputs: [[.init(record: 1), .init(record: 2)]],
                    results: [.init(layers: [1], createdAt: nil)]
                ),
            ]
        )
        let contents = CacheContents(document, layers: layers)
        let keys = [
            CacheKey(identity: run, inputs: [.key(CacheKey(identity: image, inputs: []))]),
            CacheKey(identity: run, inputs: [.scratch]),
        ]
        for key in keys { #expect(contents.layers(of: CacheKey(identity: copy, inputs: [.key(key)])) == layers) }
    }

    @Test func circlesLeadNowhere() {
        let document = CacheDocument(
            layers: [
                .init(blob: layers[0].descriptor.digest, parent: 1),
                .init(blob: layers[1].descriptor.digest, parent: 0),
            ],
            records: [
                .init(digest: run, inputs: [[.init(record: 1)]], results: [.init(layers: [0], createdAt: nil)]),
                .init(digest: copy, inputs: [[.init(record: 0)]], results: [.init(layers: [0], createdAt: nil)]),
                .init(digest: image, results: [.init(layers: [0], createdAt: nil)]),
            ]
        )
        let contents = CacheContents(document, layers: layers)
        #expect(contents.layers(of: CacheKey(identity: image, inputs: [])) == nil)
    }

    @Test func tooManyAlternativesAreLeftOut() {
        let many = (0..<40).map { CacheDocument.Record(digest: .sha256(of: "\($0)")) }
        let links = many.indices.map { CacheDocument.Link(record: $0) }
        let document = CacheDocument(
            layers: table,
            records: many + [
                .init(digest: copy, inputs: [links, links], results: [.init(layers: [1], createdAt: nil)])
            ]
        )
        let contents = CacheContents(document, layers: layers)
        let first = CacheKey.Input.content(many[0].digest)
        #expect(contents.layers(of: CacheKey(identity: copy, inputs: [first, first])) == nil)
    }

    @Test func layersOfAnImageStandUponEachOther() {
        let document = CacheDocument(
            layers: [],
            records: [.init(digest: image, results: [.init(layers: [1], createdAt: nil)])]
        )
        let contents = CacheContents(document, layers: layers)
        #expect(contents.layers(of: CacheKey(identity: image, inputs: [])) == layers)
    }
}
