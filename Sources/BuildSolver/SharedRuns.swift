import BuildGraph
import OCI

/// Which vertices turned out to have the same key: one of them, the leader, runs for all.
struct SharedRuns {
    private var leaders: [CacheKey: Digest] = [:]
    private var followers: [Digest: [Digest]] = [:]

    /// The vertex that runs for all with `key`: `id`, where there was none.
    mutating func leader(of key: CacheKey, orElse id: Digest) -> Digest {
        let leader = leaders[key] ?? id
        leaders[key] = leader
        return leader
    }

    /// Lets `id` wait for what `leader` results in.
    mutating func add(_ id: Digest, following leader: Digest) {
        followers[leader, default: []].append(id)
    }

    /// Takes those that wait for a vertex.
    mutating func takeFollowers(of leader: Digest) -> [Digest] {
        followers.removeValue(forKey: leader) ?? []
    }

    /// Takes out a vertex, whose key is `key` no more; gives those that waited for it, which are without a leader now.
    mutating func remove(_ id: Digest, from key: CacheKey) -> [Digest] {
        guard let leader = leaders[key] else { return [] }
        guard leader == id else {
            followers[leader]?.removeAll { $0 == id }
            return []
        }
        leaders[key] = nil
        return takeFollowers(of: id)
    }
}
