import BuildGraph

/// Chooses the failure that a build reports.
///
/// That is the first one, with one exception: of keys that are computed at the same time, the failure of the vertex
/// that comes first in the graph counts, so that the same input gives the same message.
struct FailureChoice {
    /// A step that failed.
    struct Failure {
        let vertex: Vertex
        /// The vertex's place in the graph's order.
        let rank: Int
        let phase: VertexFailure.Phase
        let error: any Error
    }

    /// The number of steps under way that compute keys, by the rank of their vertex.
    private var keySteps: [Int: Int] = [:]
    private(set) var chosen: Failure?
    private var isDecided = false

    mutating func begin(_ phase: VertexFailure.Phase, rank: Int) {
        if phase.isOfKey { keySteps[rank, default: 0] += 1 }
    }

    mutating func end(_ phase: VertexFailure.Phase, rank: Int) {
        if phase.isOfKey { keySteps[rank, default: 0] -= 1 }
    }

    /// Takes in a failure; gives the one that is thereby out of the choice.
    mutating func add(_ failure: Failure) -> Failure? {
        guard let chosen else {
            self.chosen = failure
            return nil
        }
        guard !isDecided, failure.phase.isOfKey, failure.rank < chosen.rank else { return failure }
        self.chosen = failure
        return chosen
    }

    /// Gives the chosen failure when nothing can replace it any more, once.
    mutating func decide() -> Failure? {
        guard let chosen, !isDecided else { return nil }
        let canBePreceded = keySteps.contains { $0.value > 0 && $0.key < chosen.rank }
        guard !chosen.phase.isOfKey || !canBePreceded else { return nil }
        isDecided = true
        return chosen
    }
}

extension VertexFailure.Phase {
    /// Whether it takes place for a vertex's key: without side effects, and soon over.
    fileprivate var isOfKey: Bool { self != .run }
}
