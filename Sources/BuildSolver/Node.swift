import BuildGraph
import OCI

/// What is known of a vertex while a build goes on.
///
/// A class, since it is looked at much oftener than it changes, and a copy would retain all that the vertex holds.
final class Node<Output: Sendable> {
    /// Something that is asked for once.
    enum Answer<Value> {
        case notAsked
        case asked
        case known(Value)
    }

    /// What a vertex is found by.
    enum Key {
        case stored(CacheKey)
        /// There is no stored result, so others must count the content.
        case unstored
    }

    /// How far the result is.
    enum Progress {
        case idle
        case lookingUp
        /// There is no stored result, or it must not be used.
        case missed
        /// Another vertex with the same key runs.
        case following
        /// All inputs are there.
        case ready
        case done(Output)
    }

    let vertex: Vertex
    /// The place in the graph's order.
    let rank: Int
    /// For each input, whether it counts by content.
    let contentInputs: [Bool]
    var isKeyWanted = false
    var isOutputWanted = false
    var identity = Answer<Digest?>.notAsked
    var contents: [Answer<Digest>]
    /// The inputs whose contents are as the store recalls them, good for a lookup only.
    var recalled: Set<Int> = []
    var mayRecall = true
    var key: Key?
    /// Whether the key changed while it was looked up.
    var isStale = false
    /// Whether the key was made anew after there was no result for an earlier one.
    var isRekeyed = false
    var progress = Progress.idle
    /// Whether it was reported how the vertex ended.
    var isReported = false

    init(vertex: Vertex, rank: Int, contentInputs: [Bool]) {
        self.vertex = vertex
        self.rank = rank
        self.contentInputs = contentInputs
        contents = Array(repeating: .notAsked, count: contentInputs.count)
    }

    var output: Output? {
        guard case .done(let output) = progress else { return nil }
        return output
    }
}

/// Something to be done for a vertex outside of the scheduler, at the same time as others.
enum Step<Output: Sendable>: Sendable {
    case identity(Vertex)
    case content(Vertex, input: Int, Output)
    case lookup(Vertex, CacheKey)
    case run(Vertex, CacheKey?, inputs: [Output?], contents: [InputContent])

    var vertex: Vertex {
        switch self {
        case .identity(let vertex), .content(let vertex, _, _), .lookup(let vertex, _), .run(let vertex, _, _, _):
            vertex
        }
    }

    var phase: VertexFailure.Phase {
        switch self {
        case .identity: .identity
        case .content: .content
        case .lookup: .lookup
        case .run: .run
        }
    }
}

/// What came of a step.
enum StepResult<Output: Sendable>: Sendable {
    case identity(Digest?)
    case content(input: Int, Digest)
    case lookup(StoredResult<Output>?)
    case run(StoredResult<Output>)
    /// Another process ran it when it was about to.
    case found(StoredResult<Output>)
    case failure(VertexFailure.Phase, any Error)
}
