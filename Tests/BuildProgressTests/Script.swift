import BuildProgress
import OCI

/// A build written down as events, with times in seconds since its start.
struct Script {
    static let start = Timestamp(seconds: 1_700_000_000)

    private(set) var events: [ProgressEvent] = []
    private var names: [String: Digest] = [:]

    static func time(_ seconds: Double) -> Timestamp {
        let nanoseconds = Int64((seconds * 1_000_000_000).rounded())
        return Timestamp(
            seconds: start.seconds + nanoseconds / 1_000_000_000,
            nanoseconds: Int32(nanoseconds % 1_000_000_000)
        )
    }

    static func id(_ key: String) -> Digest { .sha256(of: key) }

    mutating func add(_ seconds: Double, _ vertex: String, _ kind: ProgressEvent.Kind) {
        events.append(ProgressEvent(time: Self.time(seconds), vertex: Self.id(vertex), kind: kind))
    }

    mutating func announce(_ vertex: String) {
        add(0, vertex, .announced(name: vertex, inputs: []))
    }

    mutating func start(_ seconds: Double, _ vertex: String) {
        add(seconds, vertex, .started(name: vertex, inputs: []))
    }

    mutating func log(
        _ seconds: Double,
        _ vertex: String,
        _ text: String,
        _ stream: ProgressEvent.LogStream = .output
    ) {
        add(seconds, vertex, .log(stream, Array(text.utf8)))
    }

    mutating func status(
        _ seconds: Double,
        _ vertex: String,
        _ id: String,
        _ current: Int64 = 0,
        of total: Int64 = 0,
        since started: Double,
        done: Bool = false
    ) {
        let status = ProgressStatus(
            id: id,
            current: current,
            total: total,
            started: Self.time(started),
            completed: done ? Self.time(seconds) : nil
        )
        add(seconds, vertex, .status(status))
    }

    /// Everything that a renderer writes if it is called after each event.
    func play(_ renderer: some ProgressRenderer) -> String {
        var renderer = renderer
        var output: [UInt8] = []
        for event in events {
            output += renderer.render([event], at: event.time)
        }
        let end = events.last?.time ?? Self.start
        return String(decoding: output + renderer.finish(at: end), as: UTF8.self)
    }

    /// Everything that a renderer writes if all events come at once.
    func playAtOnce(_ renderer: some ProgressRenderer) -> String {
        var renderer = renderer
        let end = events.last?.time ?? Self.start
        let output = renderer.render(events, at: end)
        return String(decoding: output + renderer.finish(at: end), as: UTF8.self)
    }
}
