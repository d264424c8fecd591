import OCI

/// All that is known of a build from its events, as far as renderers need it.
struct ProgressTrace {
    private(set) var vertices: [Digest: VertexTrace] = [:]
    /// The vertices that have begun, in the order in which they did.
    private(set) var started: [Digest] = []
    private(set) var firstStart: Timestamp?

    /// Takes an event in; one about a vertex that was never named is left out.
    mutating func update(_ event: ProgressEvent) {
        switch event.kind {
        case .announced(let name, _):
            vertices[event.vertex] = vertices[event.vertex] ?? VertexTrace(id: event.vertex, name: name)
            return
        case .started(let name, _):
            vertices[event.vertex] = vertices[event.vertex] ?? VertexTrace(id: event.vertex, name: name)
        case .completed, .cached, .failed, .canceled, .log, .status, .warning:
            break
        }
        begin(event)
        vertices[event.vertex]?.update(event)
    }

    /// Gives a vertex its number when it is first seen to do anything.
    private mutating func begin(_ event: ProgressEvent) {
        guard let vertex = vertices[event.vertex], vertex.index == 0 else { return }
        firstStart = firstStart ?? event.time
        started.append(event.vertex)
        vertices[event.vertex]?.index = started.count
    }

    /// The blocks that tell, at the end of a build, what failed and what it said last.
    func failureBlocks() -> [UInt8] {
        var output: [UInt8] = []
        for vertex in started.compactMap({ vertices[$0] }) {
            guard case .failed = vertex.ending else { continue }
            output += Array("------\n > \(vertex.name):\n".utf8)
            for line in vertex.log.last {
                output += line + [UInt8(ascii: "\n")]
            }
            output += Array("------\n".utf8)
        }
        return output
    }
}

/// What is known of one vertex.
struct VertexTrace {
    /// How a vertex ended.
    enum Ending: Hashable {
        case done
        case cached
        case failed(String)
        case canceled
    }

    /// A time during which the vertex was at work.
    struct Interval: Hashable {
        var start: Timestamp
        var end: Timestamp?
    }

    let id: Digest
    let name: String
    /// The number of the vertex, counted from 1; 0 before it began.
    var index = 0
    private(set) var intervals: [Interval] = []
    /// `nil` while the vertex is at work, or has not begun.
    private(set) var ending: Ending?
    private(set) var completed: Timestamp?
    /// The parts of the work in the order in which they began.
    private(set) var statuses: [ProgressStatus] = []
    private(set) var warnings: [ProgressWarning] = []
    private(set) var log = LogTail()

    init(id: Digest, name: String) {
        self.id = id
        self.name = name
    }

    var isRunning: Bool { index != 0 && ending == nil }

    /// How long the vertex was at work until `now`.
    func nanoseconds(at now: Timestamp) -> Int64 {
        intervals.reduce(0) { $0 + max(0, ($1.end ?? now).nanoseconds(since: $1.start)) }
    }

    /// The time to show in front of a line of log.
    func logTime(_ time: Timestamp) -> String {
        Figures.logTime(intervals.last.map { time.nanoseconds(since: $0.start) } ?? 0)
    }

    mutating func update(_ event: ProgressEvent) {
        if intervals.isEmpty {
            start(event.time)
        }
        switch event.kind {
        case .announced: break
        case .started: start(event.time)
        case .completed: end(.done, event.time)
        case .cached: end(.cached, event.time)
        case .failed(let message): end(.failed(message), event.time)
        case .canceled: end(.canceled, event.time)
        case .log(_, let bytes): log.append(bytes, time: logTime(event.time))
        case .status(let status): update(status)
        case .warning(let warning): warnings.append(warning)
        }
    }

    private mutating func start(_ time: Timestamp) {
        ending = nil
        completed = nil
        if intervals.last.map({ $0.end != nil }) ?? true {
            intervals.append(Interval(start: time, end: nil))
        }
    }

    private mutating func end(_ ending: Ending, _ time: Timestamp) {
        intervals[intervals.count - 1].end = intervals[intervals.count - 1].end ?? time
        self.ending = ending
        completed = time
    }

    private mutating func update(_ status: ProgressStatus) {
        if let known = statuses.firstIndex(where: { $0.id == status.id }) {
            statuses[known] = status
        } else {
            statuses.append(status)
        }
    }
}
