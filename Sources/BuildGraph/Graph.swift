import OCI

/// Vertices by id, with all of their inputs.
package struct Graph: Hashable, Sendable {
    /// Every vertex's id, inputs before the vertices that use them, each once.
    package let order: [Digest]
    private let vertices: [Digest: Vertex]

    init(order: [Digest], vertices: [Digest: Vertex]) {
        self.order = order
        self.vertices = vertices
    }

    /// A graph without vertices.
    package static let empty = Graph(order: [], vertices: [:])

    /// The vertex with the given id.
    package subscript(id: Digest) -> Vertex? {
        vertices[id]
    }

    /// How many vertices there are.
    package var count: Int { order.count }

    /// The part of the graph that `targets` depend on, targets included, in the same order.
    package func reachable(from targets: [Digest]) -> Graph {
        var pending = targets
        var found: [Digest: Vertex] = [:]
        while let id = pending.popLast() {
            guard found[id] == nil, let vertex = vertices[id] else { continue }
            found[id] = vertex
            pending.append(contentsOf: vertex.inputs.compactMap(\.vertex))
        }
        return Graph(order: order.filter { found[$0] != nil }, vertices: found)
    }
}

/// Collects vertices; equal ones collapse into one.
package struct GraphBuilder: Sendable {
    private var order: [Digest] = []
    private var vertices: [Digest: Vertex] = [:]

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
        if vertices[vertex.id] == nil {
            order.append(vertex.id)
        }
        vertices[vertex.id, default: vertex].metadata.merge(metadata)
        return vertex.id
    }

    /// The graph of all that was added.
    ///
    /// Throws where a vertex names an input that was not added before it, or an index beyond its inputs.
    package func build() throws(GraphError) -> Graph {
        var known: Set<Digest> = []
        for id in order {
            guard let vertex = vertices[id] else { continue }
            for input in vertex.inputs.compactMap(\.vertex) where !known.contains(input) {
                throw .unknownInput(vertex: vertex.name, input: input)
            }
            for index in vertex.operation.referencedInputs where !vertex.inputs.indices.contains(index) {
                throw .noSuchInput(vertex: vertex.name, index: index, count: vertex.inputs.count)
            }
            known.insert(id)
        }
        return Graph(order: order, vertices: vertices)
    }
}
