import BuildGraph
import OCI

/// Decides what is to be done next.
///
/// It never waits: steps go out, results come in, in any order.
///
/// Work is asked for from the targets downwards. A vertex whose key or result is wanted asks for what that takes, and is
/// looked at again whenever one of its inputs got further.
final class Scheduler<Output: Sendable> {
    /// Something to be told to whoever watches.
    enum Report {
        case cached(Vertex)
        case completed(Vertex)
        case keyed(Vertex, KeyParts)
    }

    var nodes: [Digest: Node<Output>] = [:]
    /// For each vertex, those of which it is an input.
    private(set) var consumers: [Digest: [Digest]] = [:]
    /// Vertices to be looked at again.
    var pending: [Digest] = []
    /// For keys that had no stored result.
    var sharedRuns = SharedRuns()
    var queue: RunQueue
    /// What is to be done and to be told since it was last asked.
    var steps: [Step<Output>] = []
    var reports: [Report] = []
    /// Whether the identity of a vertex is more than its definition says.
    let asksForIdentity: (Vertex) -> Bool
    let recall: ((Vertex, Int, CacheKey) -> Digest?)?
    /// What must run, and what is built on that: nothing that is known of it is true of this build.
    private(set) var fresh: Set<Digest> = []

    init(
        graph: Graph,
        parallelism: Int,
        asksForIdentity: @escaping (Vertex) -> Bool = { _ in true },
        inputKeyKind: (Vertex, Int) -> InputKeyKind,
        recall: ((Vertex, Int, CacheKey) -> Digest?)? = nil
    ) {
        queue = RunQueue(limit: parallelism)
        self.asksForIdentity = asksForIdentity
        self.recall = recall
        for (rank, vertex) in graph.order.compactMap({ graph[$0] }).enumerated() {
            let contentInputs = vertex.inputs.indices.map { inputKeyKind(vertex, $0) != .definition }
            nodes[vertex.id] = Node(vertex: vertex, rank: rank, contentInputs: contentInputs)
            if vertex.ignoreCache || vertex.inputs.contains(where: { $0.vertex.map(fresh.contains) ?? false }) {
                fresh.insert(vertex.id)
            }
            for input in Set(vertex.inputs.compactMap(\.vertex)) {
                consumers[input, default: []].append(vertex.id)
            }
        }
    }

    /// The result of a vertex, once there is one.
    func output(of id: Digest) -> Output? { nodes[id]?.output }

    /// Returns the steps that can begin now, those of vertices that come first in the graph first.
    func takeSteps() -> [Step<Output>] {
        while let id = pending.popLast() {
            advance(id)
        }
        startRuns()
        defer { steps = [] }
        return steps.count < 2 ? steps : steps.sorted { rank(of: $0.vertex.id) < rank(of: $1.vertex.id) }
    }

    /// The place of a vertex in the graph's order.
    func rank(of id: Digest) -> Int { nodes[id]?.rank ?? 0 }

    /// Returns what is to be told, in order.
    func takeReports() -> [Report] {
        defer { reports = [] }
        return reports
    }

    /// Takes in what came of a step; a failure has no place here.
    func receive(_ result: StepResult<Output>, for id: Digest) {
        pending.append(id)
        switch result {
        case .identity(let identity):
            nodes[id]?.identity = .known(identity)
        case .content(let input, let digest):
            nodes[id]?.contents[input] = .known(digest)
        case .lookup(let found?):
            take(found, for: id)
        case .lookup(nil):
            miss(id)
            if let node = nodes[id], node.isStale || !node.recalled.isEmpty { rekey(id) }
        case .run(let made):
            queue.end()
            report(Report.completed, id)
            adopt(made.original, of: id)
            finish(id, made.output)
        case .found(let found):
            queue.end()
            take(found, for: id)
        case .failure:
            break
        }
    }

    private func take(_ found: StoredResult<Output>, for id: Digest) {
        reportCached(id)
        adopt(found.original, of: id)
        finish(id, found.output)
    }
}

// Work that is asked for.
extension Scheduler {
    /// Asks for the result of a vertex.
    func wantOutput(of id: Digest) {
        guard let node = nodes[id], !node.isOutputWanted else { return }
        node.isOutputWanted = true
        wantKey(of: id)
        pending.append(id)
    }

    /// Asks for the key of a vertex.
    func wantKey(of id: Digest) {
        guard let node = nodes[id], !node.isKeyWanted else { return }
        node.isKeyWanted = true
        pending.append(id)
    }

    /// Goes on with a vertex as far as what is known allows.
    private func advance(_ id: Digest) {
        guard let node = nodes[id], node.isKeyWanted else { return }
        if node.key == nil {
            advanceKey(node)
        }
        if let key = node.key, node.isOutputWanted {
            advanceOutput(node, key)
        }
    }
}
