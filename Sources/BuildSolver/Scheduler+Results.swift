import BuildGraph
import OCI

// Results: found, or made once all inputs are there.
extension Scheduler {
    /// Goes on towards the result of a vertex whose key is known: a lookup, then a run.
    func advanceOutput(_ node: Node<Output>, _ key: Node<Output>.Key) {
        let id = node.vertex.id
        switch (node.progress, key) {
        case (.idle, .stored(let key)) where !node.vertex.ignoreCache:
            if node.isRekeyed, node.vertex.inputs.contains(where: isUndecided) { return }
            node.progress = .lookingUp
            steps.append(.lookup(node.vertex, key))
        case (.idle, _):
            pending.append(id)
            miss(id)
        case (.missed, .stored(let key)):
            let leader = sharedRuns.leader(of: key, orElse: id)
            if leader == id {
                gatherInputs(of: node)
            } else {
                follow(leader, id)
            }
        case (.missed, .unstored):
            gatherInputs(of: node)
        case (.lookingUp, _), (.following, _), (.ready, _), (.done, _):
            break
        }
    }

    /// Notes that there is no stored result; those that waited for that go on.
    func miss(_ id: Digest) {
        nodes[id]?.progress = .missed
        pending += consumers[id] ?? []
    }

    /// Whether an input is being looked up for its result, which may change the keys of what is built on it once more.
    ///
    /// Whoever had no result, and so needs those of its inputs, waits for that: of many results in a row that each lead to
    /// another key, each is looked up once.
    private func isUndecided(_ input: VertexInput) -> Bool {
        guard let node = input.vertex.flatMap({ nodes[$0] }), node.isOutputWanted else { return false }
        return switch node.progress {
        case .idle, .lookingUp: true
        case .missed, .following, .ready, .done: false
        }
    }

    private func follow(_ leader: Digest, _ id: Digest) {
        if let output = nodes[leader]?.output {
            reportCached(id)
            finish(id, output)
        } else {
            nodes[id]?.progress = .following
            sharedRuns.add(id, following: leader)
        }
    }

    private func gatherInputs(of node: Node<Output>) {
        let inputs = node.vertex.inputs.compactMap(\.vertex)
        let missing = inputs.filter { nodes[$0]?.output == nil }
        for input in missing {
            wantOutput(of: input)
        }
        if missing.isEmpty {
            node.progress = .ready
            queue.add(node.vertex.id, rank: node.rank)
        }
    }

    /// Begins runs, as far as the parallelism allows.
    func startRuns() {
        for node in queue.take().compactMap({ nodes[$0] }) {
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

    /// Takes `output` for the result of a vertex and of those that waited for it.
    func finish(_ id: Digest, _ output: Output) {
        nodes[id]?.progress = .done(output)
        pending += consumers[id] ?? []
        for follower in sharedRuns.takeFollowers(of: id) {
            reportCached(follower)
            finish(follower, output)
        }
    }
}
