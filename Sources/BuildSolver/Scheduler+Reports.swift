import BuildGraph
import OCI

// Reports: what is told of a vertex, once.
extension Scheduler {
    /// Reports how a vertex ended.
    func report(_ report: (Vertex) -> Report, _ id: Digest) {
        guard let node = nodes[id] else { return }
        node.isReported = true
        reports.append(report(node.vertex))
    }

    /// Reports a vertex as cached, and before it all that it depends on and that is not needed for itself.
    func reportCached(_ id: Digest) {
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
