import BuildGraph
import OCI

/// A layer that is in a cache elsewhere.
package struct ImportedLayer: Hashable, Sendable {
    package let descriptor: Descriptor
    /// The digest of the uncompressed archive.
    package let diffID: Digest

    package init(descriptor: Descriptor, diffID: Digest) {
        self.descriptor = descriptor
        self.diffID = diffID
    }
}

/// What a cache elsewhere holds, by the keys of this program.
///
/// No key is read: each is made anew from the digests of a record and of those that it links to, so that a result is only
/// ever found along its own chain. What the chain leads to is as true as the cache.
package struct CacheContents: Sendable {
    private struct Selection: Hashable {
        let key: CacheKey
        let selector: Digest
    }

    private var results: [CacheKey: [ImportedLayer]] = [:]
    private var contents: [Selection: Digest] = [:]

    /// The contents by a document, with its layers in their places: `document.layers` where it has some, else those of
    /// the image that it is part of.
    package init(_ document: CacheDocument, layers: [ImportedLayer]) {
        var reader = CacheRecordReader(document)
        for (place, record) in document.records.enumerated() {
            let keys = reader.keys(of: place)
            if let chain = Self.chain(record, document, layers) {
                for key in keys { results[key] = chain }
            }
        }
        for (key, selector, content) in reader.contents {
            contents[Selection(key: key, selector: selector)] = content
        }
    }

    /// The layers of the result of a key, lowest first; nil where the cache has none.
    func layers(of key: CacheKey) -> [ImportedLayer]? { results[key] }

    /// The content of what `selector` selects of the result of a key.
    func content(of key: CacheKey, selector: Digest) -> Digest? { contents[Selection(key: key, selector: selector)] }

    /// Both together; what both have is as the first says.
    func merging(_ other: CacheContents) -> CacheContents {
        var both = self
        both.results.merge(other.results) { first, _ in first }
        both.contents.merge(other.contents) { first, _ in first }
        return both
    }

    private static func chain(
        _ record: CacheDocument.Record,
        _ document: CacheDocument,
        _ layers: [ImportedLayer]
    ) -> [ImportedLayer]? {
        if let places = record.chains.first?.layers { return places.map { layers[$0] } }
        guard let top = record.results.first?.layers.first else { return nil }
        // Layers of an image stand upon each other in their order.
        guard !document.layers.isEmpty else { return Array(layers[...top]) }
        var chain: [ImportedLayer] = []
        var place: Int? = top
        while let next = place {
            guard chain.count < document.layers.count else { return nil }
            chain.append(layers[next])
            place = document.layers[next].parent
        }
        return chain.reversed()
    }
}

/// Makes keys of the records of a cache.
private struct CacheRecordReader {
    private enum State {
        case unread
        case reading
        case read([CacheKey])
    }

    /// How many keys of one record are looked at: a record that has more combinations of alternatives is left out.
    private static let limit = 256

    private let document: CacheDocument
    private var states: [State]
    /// What content a selection of the result of a key has.
    private(set) var contents: [(key: CacheKey, selector: Digest, content: Digest)] = []

    init(_ document: CacheDocument) {
        self.document = document
        states = Array(repeating: .unread, count: document.records.count)
    }

    /// The keys that a record stands for; none where it leads back to itself.
    mutating func keys(of place: Int) -> [CacheKey] {
        switch states[place] {
        case .read(let keys): return keys
        case .reading: return []
        case .unread: break
        }
        states[place] = .reading
        let record = document.records[place]
        var combinations: [[CacheKey.Input]] = [[]]
        for slot in record.inputs {
            let ways = inputs(slot)
            guard !ways.isEmpty, combinations.count * ways.count <= Self.limit else {
                combinations = []
                break
            }
            combinations = combinations.flatMap { combination in ways.map { combination + [$0] } }
        }
        let keys = combinations.map { CacheKey(identity: record.digest, inputs: $0) }
        states[place] = .read(keys)
        return keys
    }

    /// The ways in which an input's part of the key may be made.
    private mutating func inputs(_ slot: [CacheDocument.Link]) -> [CacheKey.Input] {
        if slot.isEmpty { return [.scratch] }
        var ways: [CacheKey.Input] = []
        var selected: [(CacheKey, Digest)] = []
        var found: [Digest] = []
        for link in slot {
            let record = document.records[link.record]
            if let selector = link.selector {
                selected += keys(of: link.record).map { ($0, selector) }
                continue
            }
            ways += keys(of: link.record).map { .key($0) }
            // A record without inputs is a vertex without inputs, or a content.
            if record.inputs.isEmpty {
                ways.append(.content(record.digest))
                found.append(record.digest)
            }
        }
        if found.count == 1 {
            contents += selected.map { ($0.0, $0.1, found[0]) }
        }
        return ways
    }
}
