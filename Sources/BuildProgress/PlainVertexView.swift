import OCI

/// What of a vertex plain progress has yet to show.
struct PlainVertexView {
    /// A status is shown again after so much of its total, or so long.
    private static let statusShare = 0.05
    private static let statusNanoseconds: Int64 = 5_000_000_000

    private var changedStatuses: Set<String> = []
    private var shownStatuses: [String: (current: Int64, time: Timestamp)] = [:]
    private var statusTimes: [String: Timestamp] = [:]
    private var shownWarnings = 0
    private var splitter = LogLines()
    private var lines: [[UInt8]] = []
    /// Bytes of the first line, which may be the partial one, that are shown already.
    private var shownBytes = 0

    mutating func update(_ event: ProgressEvent, of vertex: VertexTrace) {
        switch event.kind {
        case .log(_, let bytes):
            lines += splitter.append(bytes, time: vertex.logTime(event.time))
        case .status(let status):
            changedStatuses.insert(status.id)
            statusTimes[status.id] = event.time
        case .announced, .started, .completed, .cached, .failed, .canceled, .warning:
            break
        }
    }

    /// Returns what is new since the last call: statuses, warnings, then logs.
    mutating func takeLines(of vertex: VertexTrace) -> [UInt8] {
        var output: [UInt8] = []
        let prefix = "#\(vertex.index) "
        for status in vertex.statuses where changedStatuses.contains(status.id) && isWorthShowing(status) {
            output += Array((prefix + text(of: status) + "\n").utf8)
        }
        changedStatuses = []
        for warning in vertex.warnings.dropFirst(shownWarnings) {
            output += Array("\(prefix)WARN: \(warning.short)\n".utf8)
        }
        shownWarnings = vertex.warnings.count
        return output + takeLog(prefix: Array(prefix.utf8))
    }

    /// Returns the newline that a line begun but not ended needs; the line is shown again in full when it goes on.
    mutating func closeLine() -> [UInt8] {
        guard shownBytes > 0 else { return [] }
        shownBytes = 0
        return [UInt8(ascii: "\n")]
    }

    private mutating func takeLog(prefix: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for line in lines {
            output += rest(of: line, prefix: prefix) + [UInt8(ascii: "\n")]
            shownBytes = 0
        }
        lines = []
        if let partial = splitter.partial {
            output += rest(of: partial, prefix: prefix)
            shownBytes = partial.count
        }
        return output
    }

    private func rest(of line: [UInt8], prefix: [UInt8]) -> [UInt8] {
        shownBytes > 0 ? Array(line.dropFirst(shownBytes)) : prefix + line
    }

    private mutating func isWorthShowing(_ status: ProgressStatus) -> Bool {
        let time = statusTimes[status.id] ?? status.started
        if let shown = shownStatuses[status.id], status.completed == nil {
            let share = status.total > 0 ? Double(status.current - shown.current) / Double(status.total) : 0
            guard share >= Self.statusShare || time.nanoseconds(since: shown.time) >= Self.statusNanoseconds
            else { return false }
        }
        shownStatuses[status.id] = (status.current, time)
        return true
    }

    private func text(of status: ProgressStatus) -> String {
        var text = status.id
        let figures = Figures.progress(status)
        if !figures.isEmpty {
            text += " " + figures
        }
        let end = status.completed ?? statusTimes[status.id] ?? status.started
        let nanoseconds = end.nanoseconds(since: status.started)
        if nanoseconds > 10_000_000 {
            text += " \(Figures.seconds(nanoseconds, decimals: 1))s"
        }
        return text + (status.completed != nil ? " done" : "")
    }
}
