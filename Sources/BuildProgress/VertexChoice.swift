import OCI

/// Decides which of several vertices at work has its lines shown: changing too often is as hard to read as waiting.
struct VertexChoice {
    /// A vertex with something to show waits no longer than this.
    static let longestWait = 10.0
    /// The vertex that is shown stays for about this long.
    static let shortestStay = 5.0

    private struct Activity {
        var since: Timestamp
        var events: Int
    }

    private var activity: [Digest: Activity] = [:]

    mutating func noteActivity(of vertex: Digest, at time: Timestamp) {
        activity[vertex, default: Activity(since: time, events: 0)].events += 1
    }

    /// The vertex is the one shown from now on.
    mutating func noteShown(_ vertex: Digest, at time: Timestamp) {
        activity[vertex] = Activity(since: time, events: 0)
    }

    /// Forgets the activity of a vertex that has ended, or is no longer shown.
    mutating func forget(_ vertex: Digest) {
        activity[vertex] = nil
    }

    /// Returns the vertex to change to, or `nil` to stay.
    ///
    /// `waiting` are those at work with something to show.
    func next(current: Digest?, waiting: [Digest], running: [Digest], at now: Timestamp) -> Digest? {
        guard let current else {
            return busiest(of: waiting, at: now) ?? running.first
        }
        let others = waiting.filter { $0 != current }
        guard !others.isEmpty else { return nil }
        if let starved = others.first(where: { seconds($0, now) > Self.longestWait }) {
            return starved
        }
        // The more of all activity is the current vertex's, the longer it may stay.
        let currentSpeed = speed(current, now)
        let total = others.reduce(currentSpeed) { $0 + speed($1, now) }
        let othersShare = total > 0 ? 1 - currentSpeed / total : 0
        guard othersShare > 0, Self.shortestStay / othersShare < seconds(current, now) else { return nil }
        return busiest(of: others, at: now)
    }

    private func busiest(of vertices: [Digest], at now: Timestamp) -> Digest? {
        var best: (vertex: Digest, speed: Double)?
        for vertex in vertices {
            let speed = speed(vertex, now)
            if best.map({ speed > $0.speed }) ?? true {
                best = (vertex, speed)
            }
        }
        return best?.vertex
    }

    /// Events per second since the vertex was last shown or, if it is shown, since it is.
    private func speed(_ vertex: Digest, _ now: Timestamp) -> Double {
        Double(activity[vertex]?.events ?? 0) / max(0.001, seconds(vertex, now))
    }

    private func seconds(_ vertex: Digest, _ now: Timestamp) -> Double {
        guard let since = activity[vertex]?.since else { return 0 }
        return Double(now.nanoseconds(since: since)) / 1_000_000_000
    }
}
