import OCI

/// Progress as a block of lines at the bottom of a terminal that is drawn again and again; spec/09 §9.3.
package struct TTYRenderer: ProgressRenderer {
    /// What the frames look like.
    package struct Style: Sendable {
        package var phase = "Building"
        /// Shown at the right of the first line.
        package var description = ""
        package var colors = TerminalColors.standard
        /// Lines of the log window below a vertex at work (`BUILDKIT_TTY_LOG_LINES`).
        package var logLines = 6

        /// The usual style.
        package init() {}
    }

    private static let smallestWindow = 6

    private var trace = ProgressTrace()
    private var windows: [Digest: TTYLog] = [:]
    private var frameHeight = 0
    private let style: Style
    private let size: @Sendable () -> TerminalSize

    /// A renderer for a terminal whose size is asked for before each frame.
    package init(style: Style = Style(), size: @escaping @Sendable () -> TerminalSize) {
        self.style = style
        self.size = size
    }

    package mutating func render(_ events: [ProgressEvent], at now: Timestamp) -> [UInt8] {
        let size = size()
        for event in events {
            update(event, width: size.width)
        }
        return trace.started.isEmpty ? [] : draw(frame(at: now, size: size, isLast: false))
    }

    package mutating func finish(at now: Timestamp) -> [UInt8] {
        guard !trace.started.isEmpty else { return [] }
        return draw(frame(at: now, size: size(), isLast: true)) + trace.failureBlocks()
    }

    private mutating func update(_ event: ProgressEvent, width: Int) {
        trace.update(event)
        guard case .log(_, let bytes) = event.kind else { return }
        let window = LogWindow(width: width - 10, height: max(1, style.logLines))
        windows[event.vertex, default: TTYLog(window: window)].write(bytes)
    }

    /// Returns what replaces the frame drawn before with this one.
    ///
    /// The cursor is hidden meanwhile.
    private mutating func draw(_ lines: [String]) -> [UInt8] {
        var output = "\u{1B}[?25l"
        if frameHeight > 0 {
            output += "\r\u{1B}[\(frameHeight)A"
        }
        for line in lines {
            output += line + "\u{1B}[K\n"
        }
        output += "\u{1B}[J\u{1B}[?25h"
        frameHeight = lines.count
        return Array(output.utf8)
    }

    private mutating func frame(at now: Timestamp, size: TerminalSize, isLast: Bool) -> [String] {
        var jobs = trace.jobs(at: now)
        let logHeight = showLogs(in: &jobs, height: size.height)
        if !isLast {
            jobs = TTYJob.fitting(jobs, limit: size.height - 2 - logHeight)
        }
        let layout = TTYLayout(width: size.width, colors: style.colors)
        return [header(at: now, layout: layout, isLast: isLast)] + jobs.flatMap(layout.lines)
    }

    private func header(at now: Timestamp, layout: TTYLayout, isLast: Bool) -> String {
        let completed = trace.completedCount
        let total = trace.vertices.count
        let elapsed = Figures.seconds(now.nanoseconds(since: trace.firstStart ?? now), decimals: 1)
        let finished = isLast && completed > 0 && completed == total ? "FINISHED" : ""
        return layout.header(
            "[+] \(style.phase) \(elapsed)s (\(completed)/\(total)) \(finished)",
            right: style.description
        )
    }

    /// Gives the vertices at work with the most output a log window each, as far as there is room; returns the lines
    /// that this takes.
    private mutating func showLogs(in jobs: inout [TTYJob], height: Int) -> Int {
        let running = jobs.count { !$0.isCompleted }
        let windowHeight = max(Self.smallestWindow, min(style.logLines, height - Self.smallestWindow - 1))
        let candidates = jobs.indices.filter { logWeight(of: jobs[$0]) > 0 }
            .sorted { (logWeight(of: jobs[$0]), $1) > (logWeight(of: jobs[$1]), $0) }
        var free = height - 2 - running
        var used = 0
        for index in candidates where free > windowHeight + 3 {
            guard let vertex = jobs[index].vertex, var log = windows[vertex] else { continue }
            jobs[index].log = log.show(atMost: windowHeight)
            windows[vertex] = log
            used += jobs[index].log.count
            free -= windowHeight + 3
        }
        return used
    }

    private func logWeight(of job: TTYJob) -> Int {
        guard !job.isCompleted, let vertex = job.vertex else { return 0 }
        return windows[vertex]?.weight ?? 0
    }
}

/// The log of a vertex and how much it deserves to be shown.
private struct TTYLog {
    private var window: LogWindow
    private var bytes = 0
    private var shownCount = 0

    init(window: LogWindow) {
        self.window = window
    }

    mutating func write(_ bytes: [UInt8]) {
        self.bytes += bytes.count
        window.write(bytes)
    }

    /// A log that is shown tends to stay.
    var weight: Int { bytes == 0 ? 0 : bytes + shownCount * 50 }

    mutating func show(atMost height: Int) -> [String] {
        shownCount += 1
        return window.visibleLines.suffix(height)
    }
}
