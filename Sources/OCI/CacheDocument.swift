import FoundationEssentials

/// What a remote cache says: records of keys, and the layers of their results (spec/05 §5.5, "Cache config").
///
/// Numbers are places in ``layers`` and in ``records``. What was read has no number out of range.
package struct CacheDocument: Hashable, Sendable {
    /// A blob upon others.
    package struct Layer: Hashable, Sendable {
        package var blob: Digest
        /// The layer below; nil at the bottom.
        package var parent: Int?

        package init(blob: Digest, parent: Int?) {
            self.blob = blob
            self.parent = parent
        }
    }

    /// A result: its topmost layer, or all of its layers where they are no simple chain.
    package struct Result: Hashable, Sendable {
        package var layers: [Int]
        package var createdAt: Timestamp?

        package init(layers: [Int], createdAt: Timestamp?) {
            self.layers = layers
            self.createdAt = createdAt
        }
    }

    /// One way in which an input's key may be made.
    package struct Link: Hashable, Sendable {
        /// What of the input counts; nil where it counts by its key.
        package var selector: Digest?
        package var record: Int

        package init(selector: Digest? = nil, record: Int) {
            self.selector = selector
            self.record = record
        }
    }

    /// A vertex by the digest of what counts for it apart from its inputs, or a content by its own.
    package struct Record: Hashable, Sendable {
        package var digest: Digest
        /// For each input the ways in which its key may be made; none for an empty tree.
        package var inputs: [[Link]]
        /// Results by their topmost layer.
        package var results: [Result]
        /// Results by all of their layers, lowest first.
        package var chains: [Result]

        package init(digest: Digest, inputs: [[Link]] = [], results: [Result] = [], chains: [Result] = []) {
            self.digest = digest
            self.inputs = inputs
            self.results = results
            self.chains = chains
        }
    }

    package static let mediaType = "application/vnd.buildkit.cacheconfig.v0"
    /// The largest document that is read, as BuildKit has it.
    package static let limit = 1 << 20

    package var layers: [Layer]
    package var records: [Record]

    package init(layers: [Layer], records: [Record]) {
        self.layers = layers
        self.records = records
    }
}

// Reading.
extension CacheDocument {
    /// Reads a document.
    package init(json bytes: [UInt8]) throws(DocumentError) {
        let form = try decodeDocument(Form.self, kind: "cache", bytes)
        self.init(
            layers: (form.layers ?? []).map { layer in
                // A parent of 0 is left out, and -1 is none.
                let parent = layer.parent ?? 0
                return Layer(blob: layer.blob, parent: parent < 0 ? nil : parent)
            },
            records: Self.records(form.records ?? [])
        )
        try validate(layerCount: layers.count)
    }

    /// Reads the records of an image's own configuration, which count that image's layers, `layerCount` of them.
    package init(inlineJSON bytes: [UInt8], layerCount: Int) throws(DocumentError) {
        self.init(layers: [], records: Self.records(try decodeDocument([RecordForm].self, kind: "cache", bytes)))
        try validate(layerCount: layerCount)
    }

    private struct Form: Decodable {
        let layers: [LayerForm]?
        let records: [RecordForm]?
    }

    private struct LayerForm: Decodable {
        let blob: Digest
        let parent: Int?
    }

    private struct RecordForm: Decodable {
        struct Result: Decodable {
            let layer: Int?
            let createdAt: Timestamp?
        }

        struct Chain: Decodable {
            let layers: [Int]
            let createdAt: Timestamp?
        }

        struct Link: Decodable {
            let selector: Digest?
            let link: Int?
        }

        let layers: [Result]?
        let chains: [Chain]?
        let digest: Digest
        let inputs: [[Link]?]?
    }

    private static func records(_ forms: [RecordForm]) -> [Record] {
        forms.map { form in
            Record(
                digest: form.digest,
                inputs: (form.inputs ?? []).map { slot in
                    (slot ?? []).map { Link(selector: $0.selector, record: $0.link ?? 0) }
                },
                results: (form.layers ?? []).map { Result(layers: [$0.layer ?? 0], createdAt: $0.createdAt) },
                chains: (form.chains ?? []).map { Result(layers: $0.layers, createdAt: $0.createdAt) }
            )
        }
    }

    private func validate(layerCount: Int) throws(DocumentError) {
        let layerNumbers = layers.compactMap(\.parent) + records.flatMap { ($0.results + $0.chains).flatMap(\.layers) }
        let recordNumbers = records.flatMap { $0.inputs.joined().map(\.record) }
        guard layerNumbers.allSatisfy((0..<layerCount).contains), recordNumbers.allSatisfy(records.indices.contains)
        else { throw .malformed(kind: "cache", reason: "a number is out of range") }
    }
}

// Writing.
extension CacheDocument {
    /// The document as BuildKit writes it, without white space.
    package func encoded() -> [UInt8] {
        var members: [(String, JSONText)] = []
        if !layers.isEmpty { members.append(("layers", .array(layers.map(Self.json)))) }
        members.append(("records", .array(records.map(Self.json))))
        return JSONText.object(members).compact()
    }

    /// The records alone, as they stand in an image's configuration.
    package func encodedRecords() -> [UInt8] { JSONText.array(records.map(Self.json)).compact() }

    private static func json(_ layer: Layer) -> JSONText {
        var members: [(String, JSONText)] = [("blob", .string(layer.blob.description))]
        if layer.parent != 0 { members.append(("parent", .integer(Int64(layer.parent ?? -1)))) }
        return .object(members)
    }

    private static func json(_ record: Record) -> JSONText {
        var members: [(String, JSONText)] = []
        if !record.results.isEmpty {
            let results = record.results.map { json($0, ("layer", number($0.layers.first ?? 0))) }
            members.append(("layers", .array(results)))
        }
        if !record.chains.isEmpty {
            let chains = record.chains.map { json($0, ("layers", .array($0.layers.map(number)))) }
            members.append(("chains", .array(chains)))
        }
        members.append(("digest", .string(record.digest.description)))
        if !record.inputs.isEmpty {
            members.append(("inputs", .array(record.inputs.map { .array($0.map(json)) })))
        }
        return .object(members)
    }

    private static func json(_ result: Result, _ layers: (String, JSONText)) -> JSONText {
        var members = [layers]
        if let createdAt = result.createdAt { members.append(("createdAt", .string(createdAt.description))) }
        return .object(members)
    }

    private static func json(_ link: Link) -> JSONText {
        var members: [(String, JSONText)] = []
        if let selector = link.selector { members.append(("selector", .string(selector.description))) }
        members.append(("link", number(link.record)))
        return .object(members)
    }

    private static func number(_ value: Int) -> JSONText { .integer(Int64(value)) }
}
