import OCI

/// Progress as lines of text that are never taken back; spec/09 §9.2.
package struct PlainRenderer: ProgressRenderer {
    private var trace = ProgressTrace()
    private var views: [Digest: PlainVertexView] = [:]
    /// The vertices with something to show.
    private var updated: Set<Digest> = []
    /// The vertex whose lines are being shown, as long as it is at work.
    private var current: Digest?
    private var choice = VertexChoice()
    private var hasVertex = false
    private var output: [UInt8] = []
    private let truncateNames: Bool

    /// A renderer that shows `description`, if there is one, as the first line; with `truncateNames`
    /// (`PROGRESS_NO_TRUNC=0`) names are cut at 72 characters.
    package init(description: String? = nil, truncateNames: Bool = false) {
        self.truncateNames = truncateNames
        if let description {
            write("#0 \(description)\n")
            hasVertex = true
        }
    }

    package mutating func render(_ events: [ProgressEvent], at now: Timestamp) -> [UInt8] {
        for event in events {
            update(event)
        }
        showCompleted(at: now)
        showRunning(at: now)
        return takeOutput()
    }

    package mutating func finish(at now: Timestamp) -> [UInt8] {
        output += trace.failureBlocks()
        return takeOutput()
    }

    private mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    private mutating func update(_ event: ProgressEvent) {
        trace.update(event)
        guard let vertex = trace.vertices[event.vertex], vertex.index != 0 else { return }
        views[event.vertex, default: PlainVertexView()].update(event, of: vertex)
        updated.insert(event.vertex)
        choice.noteActivity(of: event.vertex, at: event.time)
    }

    /// What has ended is shown first: the current vertex, then the others in the order of completion.
    private mutating func showCompleted(at now: Timestamp) {
        let completed = updated.compactMap { id -> (order: (Int, Timestamp, Int), id: Digest)? in
            guard let vertex = trace.vertices[id], let time = vertex.completed else { return nil }
            return ((id == current ? 0 : 1, time, vertex.index), id)
        }
        for (_, id) in completed.sorted(by: { $0.order < $1.order }) {
            show(id, at: now)
        }
    }

    private mutating func showRunning(at now: Timestamp) {
        let running = trace.started.filter { trace.vertices[$0]?.isRunning ?? false }
        if let current, updated.contains(current) {
            show(current, at: now)
        }
        let waiting = running.filter { updated.contains($0) }
        if let next = choice.next(current: current, waiting: waiting, running: running, at: now) {
            show(next, at: now)
        }
    }

    private mutating func show(_ id: Digest, at now: Timestamp) {
        guard let vertex = trace.vertices[id] else { return }
        if id != current {
            leaveCurrent()
            write((hasVertex ? "\n" : "") + "#\(vertex.index) \(shownName(vertex.name))\n")
            hasVertex = true
            current = id
            choice.noteShown(id, at: now)
        }
        if let lines = views[id]?.takeLines(of: vertex) {
            output += lines
        }
        updated.remove(id)
        if let ending = vertex.ending {
            output += views[id]?.closeLine() ?? []
            write("#\(vertex.index) \(endingText(ending, of: vertex))\n")
            choice.forget(id)
            current = nil
        }
    }

    private mutating func leaveCurrent() {
        guard let current, let vertex = trace.vertices[current] else { return }
        output += views[current]?.closeLine() ?? []
        choice.forget(current)
        write("#\(vertex.index) ...\n")
    }

    private func endingText(_ ending: VertexTrace.Ending, of vertex: VertexTrace) -> String {
        switch ending {
        case .done: "DONE \(Figures.seconds(vertex.nanoseconds(at: vertex.completed ?? .now), decimals: 1))s"
        case .cached: "CACHED"
        case .failed(let message): "ERROR: \(message)"
        case .canceled: "CANCELED"
        }
    }

    private func shownName(_ name: String) -> String {
        truncateNames && name.count > 72 ? name.prefix(72) + "..." : name
    }

    private mutating func write(_ text: String) {
        output += Array(text.utf8)
    }
}
