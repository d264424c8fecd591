import BuildGraph
import OCI

// Keys: made of what an operation says and of its inputs.
extension Scheduler {
    /// Makes the key of a vertex, as soon as its parts are known; asks for those that are not.
    func advanceKey(_ node: Node<Output>) {
        if case .notAsked = node.identity {
            if asksForIdentity(node.vertex) {
                node.identity = .asked
                steps.append(.identity(node.vertex))
            } else {
                node.identity = .known(node.vertex.cacheIdentity)
            }
        }
        let inputs = node.vertex.inputs.indices.map { keyPart(of: node, input: $0) }
        guard case .known(let identity) = node.identity else { return }
        if let identity {
            let known = inputs.compactMap(\.self)
            guard known.count == inputs.count else { return }
            let parts = KeyParts(identity: identity, inputs: known)
            node.key = .stored(parts.key)
            reports.append(.keyed(node.vertex, parts))
        } else {
            node.key = .unstored
        }
        pending += consumers[node.vertex.id] ?? []
    }

    /// What an input contributes to the key; where that is not known yet, it is asked for.
    private func keyPart(of node: Node<Output>, input index: Int) -> CacheKey.Input? {
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
                    node.contents[index] = .known(digest)
                    node.recalled.insert(index)
                    return .content(digest)
                }
            }
            guard let output = nodes[input]?.output else {
                wantOutput(of: input)
                return nil
            }
            node.contents[index] = .asked
            steps.append(.content(node.vertex, input: index, output))
            return nil
        }
    }
}

// Keys that change.
extension Scheduler {
    /// Takes the key that first led to the result of a vertex for its own, so that what was built on that is found.
    func adopt(_ original: CacheKey?, of id: Digest) {
        guard let original else { return }
        nodes[id]?.key = .stored(original)
        rekeyConsumers(of: id)
    }

    /// Makes the key of a vertex anew, without what was only recalled, and with it all keys that were made of it.
    func rekey(_ id: Digest) {
        guard let node = nodes[id] else { return }
        if case .stored(let key) = node.key {
            for follower in sharedRuns.remove(id, from: key) {
                nodes[follower]?.progress = .idle
                pending.append(follower)
            }
        }
        if !node.recalled.isEmpty {
            for index in node.recalled { node.contents[index] = .notAsked }
            node.recalled = []
            node.mayRecall = false
        }
        node.key = nil
        node.isStale = false
        node.isRekeyed = true
        node.progress = .idle
        pending.append(id)
        rekeyConsumers(of: id)
    }

    private func rekeyConsumers(of id: Digest) {
        for consumer in consumers[id] ?? [] {
            guard let node = nodes[consumer], node.key != nil, countsByKey(id, in: node) else { continue }
            switch node.progress {
            case .idle, .missed, .following: rekey(consumer)
            case .lookingUp: node.isStale = true
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
