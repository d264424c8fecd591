import BuildGraph
import OCI

/// The first failure of a build.
package struct VertexFailure: Error, CustomStringConvertible {
    /// What was being done for the vertex.
    package enum Phase: Hashable, Sendable {
        /// Finding out what the vertex stands for.
        case identity
        /// Digesting the content of an input.
        case content
        /// Looking for a stored result.
        case lookup
        case run
    }

    package let vertex: Vertex
    package let phase: Phase
    package let underlying: any Error

    /// The message for the last line; the vertex's own line has only the underlying one (spec/09 §9.7).
    package var description: String {
        switch phase {
        case .identity: "failed to load cache key: \(underlying)"
        case .content: "failed to compute cache key: \(underlying)"
        case .lookup, .run: "\(underlying)"
        }
    }
}

/// A request that cannot be solved at all.
package enum SolverError: Error, Hashable, CustomStringConvertible {
    case unknownTarget(Digest)

    /// The message for the user.
    package var description: String {
        switch self {
        case .unknownTarget(let id): "cannot solve `\(id)`: no such vertex in the graph"
        }
    }
}
