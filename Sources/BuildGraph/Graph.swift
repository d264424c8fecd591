import OCI

/// Vertices by id, with all of their inputs.
package struct Graph: Hashable, Sendable {
    /// Every vertex once, inputs before the vertices that use them.
    private let vertices: [Vertex]
    private let places: [Digest: Int]

    fileprivate init(_ vertices: [Vertex], places: [Digest: Int]) {
        self.vertices = vertices
        self.places = places
    }

    /// A graph without vertices.
    package static let empty = Graph([], places: [:])

    /// Every vertex's id, inputs before the vertices that use them, each once.
    package var order: [Digest] { vertices.map(\.id) }

    /// The vertex with the given id.
    package subscript(id: Digest) -> Vertex? {
        places[id].map { vertices[$0] }
    }

    /// How many vertices there are.
    package var count: Int { vertices.count }

    /// The part of the graph that `targets` depend on, targets included, in the same order.
    package func reachable(from targets: [Digest]) -> Graph {
        var pending = targets
        var found: Set<Digest> = []
        while let id = pending.popLast() {
            guard let place = places[id], found.insert(id).inserted else { continue }
            pending.append(contentsOf: vertices[place].inputs.compactMap(\.vertex))
        }
        let kept = vertices.filter { found.contains($0.id) }
        let places = Dictionary(uniqueKeysWithValues: kept.indices.map { (kept[$0].id, $0) })
        return Graph(kept, places: places)
    }
}

/// Collects vertices; equal ones collapse into one.
package struct GraphBuilder: Sendable {
    private var vertices: [Vertex] = []
    private var places: [Digest: Int] = [:]

    /// A builder without vertices.
    package init() {}

    /// Adds a vertex and returns its id.
    ///
    /// Of an equal vertex that is already there the name stays, while a wish to ignore the cache, from either, holds
    /// for both.
    @discardableResult
    package mutating func add(
        _ operation: Operation,
        inputs: [VertexInput] = [],
        platform: Platform? = nil,
        metadata: VertexMetadata
    ) -> Digest {
        let vertex = Vertex(operation: operation, inputs: inputs, platform: platform, metadata: metadata)
        if let place = places[vertex.id] {
            vertices[place].metadata.merge(metadata)
        } else {
            places[vertex.id] = vertices.count
            vertices.append(vertex)
        }
        return vertex.id
    }

    /// The graph of all that was added.
    ///
    /// Throws where a vertex names an input that was not added before it, or an index beyond its inputs.
    package func build() throws(GraphError) -> Graph {
        for (place, vertex) in vertices.enumerated() {
            for input in vertex.inputs.compactMap(\.vertex) where places[input].map({ $0 < place }) != true {
                throw .unknownInput(vertex: vertex.name, input: input)
            }
            for index in vertex.operation.referencedInputs where !vertex.inputs.indices.contains(index) {
                throw .noSuchInput(vertex: vertex.name, index: index, count: vertex.inputs.count)
            }
        }
        return Graph(vertices, places: places)
    }
}
