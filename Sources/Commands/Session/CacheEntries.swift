import BuildGraph
import BuildSolver
import Exporters
import LinuxSystem
import OCI
import Operations
import Storage

/// What a build tells caches elsewhere: how its keys are made, and what they led to.
struct CacheEntries: Sendable {
    let graph: Graph
    /// What the keys of vertices were made of.
    let keys: [Digest: KeyParts]
    let targets: Set<Digest>
    let results: StoredResults

    /// Where the blobs of layers that are not here are.
    typealias Elsewhere = [Digest: ImportedCache]

    /// The entries without layers, inputs first.
    ///
    /// Their keys are those of a builder that has found nothing in a cache, which may be others than this build's.
    private func bare() -> [(vertex: Vertex, entry: CacheEntry)] {
        var made: [Digest: CacheKey] = [:]
        return graph.order.compactMap { id in
            guard let vertex = graph[id], let parts = keys[id] else { return nil }
            var inputs: [CacheEntry.Input] = []
            var keyInputs: [CacheKey.Input] = []
            for (index, part) in parts.inputs.enumerated() {
                let key = vertex.inputs[index].vertex.flatMap { made[$0] }
                switch part {
                case .scratch:
                    inputs.append(.scratch)
                    keyInputs.append(.scratch)
                case .key(let own):
                    inputs.append(.key((key ?? own).digest))
                    keyInputs.append(.key(key ?? own))
                case .content(let digest):
                    inputs.append(.content(digest, of: key.flatMap { selection(of: vertex, index, $0) }))
                    keyInputs.append(.content(digest))
                }
            }
            let key = CacheKey(identity: parts.identity, inputs: keyInputs)
            made[id] = key
            return (vertex, CacheEntry(key: key.digest, identity: parts.identity, inputs: inputs))
        }
    }

    private func selection(of vertex: Vertex, _ index: Int, _ key: CacheKey) -> CacheEntry.Selection? {
        guard case .content(let selectors) = vertex.inputKeyKind(index) else { return nil }
        return CacheEntry.Selection(key: key.digest, selector: ContentSelector.digest(of: selectors))
    }

    /// The entries with the layers of those results that the layers of an image begin with.
    ///
    /// `snapshot` is the image's; `layers` are those that it is exported with.
    func inside(_ snapshot: Snapshot, _ layers: [ExportedLayer]) throws -> [CacheEntry] {
        let diffIDs = layers.map(\.diffID)
        return try bare().map { vertex, entry in
            var entry = entry
            guard !vertex.isImage, let key = keys[vertex.id]?.key else { return entry }
            let count: Int
            switch try results.lookup(key)?.output {
            case .snapshot(let result) where snapshot.layers.starts(with: result.layers): count = result.layers.count
            case .imported(let result) where diffIDs.starts(with: result.layers.map(\.diffID)):
                count = result.layers.count
            default: return entry
            }
            if count > 0 { entry.layers = Array(layers.prefix(count)) }
            return entry
        }
    }

    /// The entries with the layers of the targets' results, of all where it `keepsAll`, and of those that have blobs.
    ///
    /// Blocks for as long as blobs are made.
    func withLayers(
        _ blobs: LayerBlobs,
        keepsAll: Bool,
        _ cancellation: CancellationFlag
    ) throws -> (entries: [CacheEntry], elsewhere: Elsewhere) {
        var elsewhere: Elsewhere = [:]
        let entries = try bare().map { vertex, entry in
            var entry = entry
            // Images are fetched from where they come from.
            guard !vertex.isImage, let key = keys[vertex.id]?.key, let result = try results.lookup(key) else {
                return entry
            }
            let isKept = keepsAll || targets.contains(vertex.id)
            switch result.output {
            case .snapshot(let snapshot) where !snapshot.isEmpty:
                entry.layers =
                    isKept
                    ? try blobs.layers(of: snapshot, cancellation: cancellation) : try blobs.existing(of: snapshot)
            case .imported(let imported) where isKept:
                for layer in imported.layers { elsewhere[layer.descriptor.digest] = imported.cache }
                entry.layers = imported.layers.map { layer in
                    ExportedLayer(descriptor: layer.descriptor, diffID: layer.diffID, created: nil)
                }
            default: break
            }
            return entry
        }
        return (entries, elsewhere)
    }
}

extension Vertex {
    fileprivate var isImage: Bool {
        switch operation {
        case .source(.image), .source(.ociLayout): true
        default: false
        }
    }
}
