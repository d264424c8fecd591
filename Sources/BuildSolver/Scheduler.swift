import BuildGraph
import OCI

/// Decides what is to be done next.
///
/// It never waits: steps go out, results come in, in any order.
///
/// Work is asked for from the targets downwards. A vertex whose key or result is wanted asks for what that takes, and is
/// looked at again whenever one of its inputs got further.
struct Scheduler<Output: Sendable> {
    /// Something to be told to whoever watches.
    enum Report {
        case cached(Vertex)
        case completed(Vertex)
        case keyed(Vertex, KeyParts)
    }

    private var nodes: [Digest: Node<Output>] = [:]
    private var consumers: [Digest: [Digest]] = [:]
    /// Vertices to be looked at again.
    private var pending: [Digest] = []
    /// For each key that had no stored result, the vertex that runs for all with that key.
    private var leaders: [CacheKey: Digest] = [:]
    private var followers: [Digest: [Digest]] = [:]
    private var ready: [Digest] = []
    private var steps: [Step<Output>] = []
    private var reports: [Report] = []
    private var running = 0
    private let parallelism: Int
    private let recall: ((Vertex, Int, CacheKey) -> Digest?)?
    /// What must run, and what is built on that: nothing that is known of it is true of this build.
    private var fresh: Set<Digest> = []

    init(
        graph: Graph,
        parallelism: Int,
        inputKeyKind: (Vertex, Int) -> InputKeyKind,
        recall: ((Vertex, Int, CacheKey) -> Digest?)? = nil
    ) {
        self.parallelism = max(1, parallelism)
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

    /// Asks for the result of a vertex.
    mutating func wantOutput(of id: Digest) {
        guard let node = nodes[id], !node.isOutputWanted else { return }
        nodes[id]?.isOutputWanted = true
        wantKey(of: id)
        pending.append(id)
    }

    /// Returns the steps that can begin now, those of vertices that come first in the graph first.
    mutating func takeSteps() -> [Step<Output>] {
        while let id = pending.popLast() {
            advance(id)
        }
        startRuns()
        defer { steps = [] }
        return steps.sorted { rank(of: $0.vertex.id) < rank(of: $1.vertex.id) }
    }

    /// The place of a vertex in the graph's order.
    func rank(of id: Digest) -> Int { nodes[id]?.rank ?? 0 }

    /// Returns what is to be told, in order.
    mutating func takeReports() -> [Report] {
        defer { reports = [] }
        return reports
    }

    /// Takes in what came of a step; a failure has no place here.
    mutating func receive(_ result: StepResult<Output>, for id: Digest) {
        pending.append(id)
        switch result {
        case .identity(let identity):
            nodes[id]?.identity = .known(identity)
        case .content(let input, let digest):
            nodes[id]?.contents[input] = .known(digest)
        case .lookup(let found?):
            take(found, for: id)
        case .lookup(nil):
            nodes[id]?.progress = .missed
            if let node = nodes[id], node.isStale || !node.recalled.isEmpty { rekey(id) }
        case .run(let made):
            running -= 1
            report(Report.completed, id)
            adopt(made.original, of: id)
            finish(id, made.output)
        case .found(let found):
            running -= 1
            take(found, for: id)
        case .failure:
            break
        }
    }

    private mutating func take(_ found: StoredResult<Output>, for id: Digest) {
        reportCached(id)
        adopt(found.original, of: id)
        finish(id, found.output)
    }
}

// Keys.
extension Scheduler {
    private mutating func wantKey(of id: Digest) {
        guard let node = nodes[id], !node.isKeyWanted else { return }
        nodes[id]?.isKeyWanted = true
        pending.append(id)
    }

    private mutating func advance(_ id: Digest) {
        guard let node = nodes[id], node.isKeyWanted else { return }
        if node.key == nil {
            advanceKey(id, node)
        }
        if let key = nodes[id]?.key, node.isOutputWanted {
            advanceOutput(id, key)
        }
    }

    private mutating func advanceKey(_ id: Digest, _ node: Node<Output>) {
        if case .notAsked = node.identity {
            nodes[id]?.identity = .asked
            steps.append(.identity(node.vertex))
        }
        let inputs = node.vertex.inputs.indices.map { keyPart(of: node, input: $0) }
        guard case .known(let identity) = node.identity else { return }
        if let identity {
            let known = inputs.compactMap(\.self)
            guard known.count == inputs.count else { return }
            let parts = KeyParts(identity: identity, inputs: known)
            nodes[id]?.key = .stored(parts.key)
            reports.append(.keyed(node.vertex, parts))
        } else {
            nodes[id]?.key = .unstored
        }
        pending += consumers[id] ?? []
    }

    /// What an input contributes to the key; where that is not known yet, it is asked for.
    private mutating func keyPart(of node: Node<Output>, input index: Int) -> CacheKey.Input? {
        guard let input = node.vertex.inputs[index].vertex else { return .scratch }
        if !node.contentInputs[index] {
            switch nodes[input]?.key {
            case .stored(let key): return .key(key)
            case .unstored: break
            case nil:
                wantKey(of: input)
                return nil
            }
        }
        switch node.contents[index] {
        case .known(let digest):
            return .content(digest)
        case .asked:
            return nil
        case .notAsked:
            if node.mayRecall, !fresh.contains(input), let recall {
                guard let key = nodes[input]?.key else {
                    wantKey(of: input)
                    return nil
                }
                if case .stored(let key) = key, let digest = recall(node.vertex, index, key) {
                    nodes[node.vertex.id]?.contents[index] = .known(digest)
                    nodes[node.vertex.id]?.recalled.insert(index)
                    return .content(digest)
                }
            }
            guard let output = nodes[input]?.output else {
                wantOutput(of: input)
                return nil
            }
            nodes[node.vertex.id]?.contents[index] = .asked
            steps.append(.content(node.vertex, input: index, output))
            return nil
        }
    }
}

// Keys that change.
extension Scheduler {
    /// Takes the key that first led to the result of a vertex for its own, so that what was built on that is found.
    private mutating func adopt(_ original: CacheKey?, of id: Digest) {
        guard let original else { return }
        nodes[id]?.key = .stored(original)
        rekeyConsumers(of: id)
    }

    /// Makes the key of a vertex anew, without what was only recalled, and with it all keys that were made of it.
    private mutating func rekey(_ id: Digest) {
        guard let node = nodes[id] else { return }
        if case .stored(let key) = node.key, leaders[key] == id {
            leaders[key] = nil
            for follower in followers.removeValue(forKey: id) ?? [] {
                nodes[follower]?.progress = .idle
                pending.append(follower)
            }
        }
        if case .following = node.progress, case .stored(let key) = node.key, let leader = leaders[key] {
            followers[leader]?.removeAll { $0 == id }
        }
        if !node.recalled.isEmpty {
            for index in node.recalled { nodes[id]?.contents[index] = .notAsked }
            nodes[id]?.recalled = []
            nodes[id]?.mayRecall = false
        }
        nodes[id]?.key = nil
        nodes[id]?.isStale = false
        nodes[id]?.progress = .idle
        pending.append(id)
        rekeyConsumers(of: id)
    }

    private mutating func rekeyConsumers(of id: Digest) {
        for consumer in consumers[id] ?? [] {
            guard let node = nodes[consumer], node.key != nil, countsByKey(id, in: node) else { continue }
            switch node.progress {
            case .idle, .missed, .following: rekey(consumer)
            case .lookingUp: nodes[consumer]?.isStale = true
            case .ready, .done: break
            }
        }
    }

    private func countsByKey(_ input: Digest, in node: Node<Output>) -> Bool {
        node.vertex.inputs.indices.contains { index in
            node.vertex.inputs[index].vertex == input
                && (!node.contentInputs[index] || node.recalled.contains(index))
        }
    }
}

// Results.
extension Scheduler {
    private mutating func advanceOutput(_ id: Digest, _ key: Node<Output>.Key) {
        guard let node = nodes[id] else { return }
        switch (node.progress, key) {
        case (.idle, .stored(let key)) where !node.vertex.ignoreCache:
            nodes[id]?.progress = .lookingUp
            steps.append(.lookup(node.vertex, key))
        case (.idle, _):
            nodes[id]?.progress = .missed
            pending.append(id)
        case (.missed, .stored(let key)):
            let leader = leaders[key] ?? id
            leaders[key] = leader
            if leader == id {
                gatherInputs(id)
            } else {
                follow(leader, id)
            }
        case (.missed, .unstored):
            gatherInputs(id)
        case (.lookingUp, _), (.following, _), (.ready, _), (.done, _):
            break
        }
    }

    private mutating func follow(_ leader: Digest, _ id: Digest) {
        if let output = nodes[leader]?.output {
            reportCached(id)
            finish(id, output)
        } else {
            nodes[id]?.progress = .following
            followers[leader, default: []].append(id)
        }
    }

    private mutating func gatherInputs(_ id: Digest) {
        let inputs = nodes[id]?.vertex.inputs.compactMap(\.vertex) ?? []
        let missing = inputs.filter { nodes[$0]?.output == nil }
        for input in missing {
            wantOutput(of: input)
        }
        if missing.isEmpty {
            nodes[id]?.progress = .ready
            ready.append(id)
        }
    }

    /// Begins runs, those first that come first in the graph, as far as the parallelism allows.
    private mutating func startRuns() {
        ready = ready.sorted { rank(of: $0) > rank(of: $1) }
        while running < parallelism, let id = ready.popLast(), let node = nodes[id] {
            running += 1
            let inputs = node.vertex.inputs.map { $0.vertex.flatMap { nodes[$0]?.output } }
            var key: CacheKey?
            if case .stored(let stored) = node.key {
                key = stored
            }
            steps.append(.run(node.vertex, key, inputs: inputs, contents: contents(of: node)))
        }
    }

    /// What was found of the inputs that count by content and have keys of their own.
    private func contents(of node: Node<Output>) -> [InputContent] {
        node.vertex.inputs.indices.compactMap { index in
            guard node.contentInputs[index], case .known(let digest) = node.contents[index],
                let input = node.vertex.inputs[index].vertex, case .stored(let key)? = nodes[input]?.key
            else { return nil }
            return InputContent(input: index, key: key, digest: digest)
        }
    }

    private mutating func finish(_ id: Digest, _ output: Output) {
        nodes[id]?.progress = .done(output)
        pending += consumers[id] ?? []
        for follower in followers.removeValue(forKey: id) ?? [] {
            reportCached(follower)
            finish(follower, output)
        }
    }
}

// Reports.
extension Scheduler {
    private mutating func report(_ report: (Vertex) -> Report, _ id: Digest) {
        guard let node = nodes[id] else { return }
        nodes[id]?.isReported = true
        reports.append(report(node.vertex))
    }

    /// Reports a vertex as cached, and before it all that it depends on and that is not needed for itself.
    private mutating func reportCached(_ id: Digest) {
        var found: Set<Digest> = [id]
        var stack = [id]
        while let next = stack.popLast() {
            for input in nodes[next]?.vertex.inputs.compactMap(\.vertex) ?? [] where isUnneeded(input) {
                if found.insert(input).inserted {
                    stack.append(input)
                }
            }
        }
        let unreported = found.filter { !(nodes[$0]?.isReported ?? true) }
        for id in unreported.sorted(by: { rank(of: $0) < rank(of: $1) }) {
            report(Report.cached, id)
        }
    }

    private func isUnneeded(_ id: Digest) -> Bool {
        guard let node = nodes[id] else { return false }
        return !node.isReported && !node.isOutputWanted
    }
}
