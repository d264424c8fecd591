import OCI

/// What a cache is told of one vertex: how its key is made, and the layers of its result.
package struct CacheEntry: Sendable {
    /// What an input contributes to the key.
    package enum Input: Hashable, Sendable {
        case scratch
        /// The key of another entry.
        case key(Digest)
        /// A content, which is what `selector` selects of the result of another entry, where the input has a key.
        case content(Digest, of: Selection?)
    }

    /// What counts of the result of an entry.
    package struct Selection: Hashable, Sendable {
        package let key: Digest
        package let selector: Digest

        package init(key: Digest, selector: Digest) {
            self.key = key
            self.selector = selector
        }
    }

    package let key: Digest
    /// The digest of all that counts for the vertex apart from its inputs.
    package let identity: Digest
    package let inputs: [Input]
    /// The layers of the result, lowest first; nil where the cache shall not have them.
    package var layers: [ExportedLayer]?

    package init(key: Digest, identity: Digest, inputs: [Input], layers: [ExportedLayer]? = nil) {
        self.key = key
        self.identity = identity
        self.inputs = inputs
        self.layers = layers
    }
}

extension CacheDocument {
    /// The document of a cache in its own right: with a table of layers (spec/05 §5.5).
    init(_ entries: [CacheEntry]) {
        let table = LayerTable(entries.compactMap(\.layers))
        self.init(
            layers: table.layers,
            records: Self.records(of: entries) { layers in
                table.place(of: layers).map { Result(layers: [$0], createdAt: layers.last?.created) }
            }
        )
    }

    /// The records of a cache that is part of an image with the given layers, lowest first.
    package init(_ entries: [CacheEntry], inside image: [ExportedLayer]) {
        let digests = image.map(\.descriptor.digest)
        self.init(
            layers: [],
            records: Self.records(of: entries) { layers in
                guard !layers.isEmpty, digests.starts(with: layers.map(\.descriptor.digest)) else { return nil }
                return Result(layers: [layers.count - 1], createdAt: layers.last?.created)
            }
        )
    }

    /// What has a record: an entry, or a content.
    private enum Subject: Hashable {
        case entry(Digest)
        case content(Digest)

        /// Orders those with one digest.
        var name: String {
            switch self {
            case .entry(let digest): "entry \(digest)"
            case .content(let digest): "content \(digest)"
            }
        }
    }

    /// The records of entries and of the contents that they name, sorted by digest.
    private static func records(
        of entries: [CacheEntry],
        _ result: ([ExportedLayer]) -> Result?
    ) -> [Record] {
        let known = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
        var subjects: [Subject: Digest] = [:]
        for entry in known.values {
            subjects[.entry(entry.key)] = entry.identity
            for case .content(let digest, _) in entry.inputs { subjects[.content(digest)] = digest }
        }
        let order = subjects.sorted { left, right in
            (left.value.description, left.key.name) < (right.value.description, right.key.name)
        }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.key, $0) })
        return order.map { subject, digest in
            guard case .entry(let key) = subject, let entry = known[key] else { return Record(digest: digest) }
            let inputs = entry.inputs.map { links($0, places) }
            return Record(
                digest: digest,
                inputs: inputs,
                results: (entry.layers.flatMap(result)).map { [$0] } ?? []
            )
        }
    }

    private static func links(_ input: CacheEntry.Input, _ places: [Subject: Int]) -> [Link] {
        switch input {
        case .scratch: return []
        case .key(let key): return places[.entry(key)].map { [Link(record: $0)] } ?? []
        case .content(let digest, let selection):
            let selected = selection.flatMap { selection in
                places[.entry(selection.key)].map { Link(selector: selection.selector, record: $0) }
            }
            let content = places[.content(digest)].map { Link(record: $0) }
            return [selected, content].compactMap(\.self)
        }
    }
}

/// The layers of several results, each once upon the layers below it, sorted by blob.
private struct LayerTable {
    private let places: [[Digest]: Int]
    let layers: [CacheDocument.Layer]

    init(_ chains: [[ExportedLayer]]) {
        var nodes: Set<[Digest]> = []
        for chain in chains {
            let digests = chain.map(\.descriptor.digest)
            for count in 0..<digests.count { nodes.insert(Array(digests[...count])) }
        }
        let order = nodes.sorted { left, right in
            left.reversed().map(\.description).lexicographicallyPrecedes(right.reversed().map(\.description))
        }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        self.places = places
        layers = order.map { chain in
            CacheDocument.Layer(blob: chain[chain.count - 1], parent: places[Array(chain.dropLast())])
        }
    }

    /// The place of the topmost of some layers.
    func place(of chain: [ExportedLayer]) -> Int? { places[chain.map(\.descriptor.digest)] }
}
