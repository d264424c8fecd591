import BuildProgress
import OCI
import Storage

/// The progress of a past build, told again.
struct ProgressReplay {
    /// What a renderer gets at once: as much as it would have got in the build.
    private static let interval: Int64 = 100_000_000

    private let events: [ProgressEvent]

    init(_ record: BuildRecord, log: [HistoryLogEntry]) {
        var events: [(rank: Int, event: ProgressEvent)] = []
        func add(_ rank: Int, _ step: StepRecord, _ time: Int64, _ kind: ProgressEvent.Kind) {
            guard let vertex = try? Digest(step.vertex) else { return }
            let time = record.startedAt.adding(nanoseconds: time)
            events.append((rank, ProgressEvent(time: time, vertex: vertex, kind: kind)))
        }
        for step in record.steps {
            add(0, step, 0, .announced(name: step.name, inputs: []))
            guard let start = step.start else { continue }
            let end = step.end ?? record.nanoseconds
            switch step.outcome {
            case .hit: add(3, step, end, .cached)
            case .pending: break
            case .ran, .failed, .canceled:
                add(1, step, start, .started(name: step.name, inputs: []))
                add(3, step, end, step.ending)
            }
        }
        for entry in log where record.steps.indices.contains(entry.step) {
            let stream = ProgressEvent.LogStream(rawValue: entry.stream) ?? .output
            add(2, record.steps[entry.step], entry.time, .log(stream, entry.bytes))
        }
        let ordered = events.enumerated().sorted {
            ($0.element.event.time, $0.element.rank, $0.offset) < ($1.element.event.time, $1.element.rank, $1.offset)
        }
        self.events = ordered.map(\.element.event)
    }

    /// What was shown with `--progress=plain`, or would have been; or the events as JSON.
    func text(_ form: LogForm) -> [UInt8] {
        switch form {
        case .plain: render(PlainRenderer())
        case .rawjson: render(RawJSONRenderer())
        }
    }

    private func render(_ renderer: some ProgressRenderer) -> [UInt8] {
        var renderer = renderer
        var output: [UInt8] = []
        var rest = events[...]
        var now = rest.first?.time ?? .now
        while let first = rest.first {
            let end = max(now, first.time).adding(nanoseconds: Self.interval)
            let batch = rest.prefix { $0.time <= end }
            rest = rest.dropFirst(batch.count)
            now = end
            output += renderer.render(Array(batch), at: now)
        }
        return output + renderer.finish(at: now)
    }
}

extension StepRecord {
    fileprivate var ending: ProgressEvent.Kind {
        switch outcome {
        case .hit: .cached
        case .failed: .failed(error ?? "")
        case .canceled, .pending: .canceled
        case .ran: .completed
        }
    }
}
