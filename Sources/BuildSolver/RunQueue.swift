import OCI

/// The vertices whose inputs are all there, of which only so many run at a time.
struct RunQueue {
    private var ready: [(id: Digest, rank: Int)] = []
    private var running = 0
    private let limit: Int

    /// A queue from which up to `limit` vertices run at once, and one at least.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Lets a vertex run when there is room; `rank` is its place in the graph's order.
    mutating func add(_ id: Digest, rank: Int) {
        ready.append((id, rank))
    }

    /// Takes those that may run now, those first that come first in the graph.
    mutating func take() -> [Digest] {
        ready.sort { $0.rank > $1.rank }
        var taken: [Digest] = []
        while running < limit, let next = ready.popLast() {
            running += 1
            taken.append(next.id)
        }
        return taken
    }

    /// Makes room: one that was taken has ended.
    mutating func end() {
        running -= 1
    }
}
