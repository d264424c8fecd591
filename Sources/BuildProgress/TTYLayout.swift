/// Fits lines to the width of a terminal.
struct TTYLayout {
    /// Below this there is no room for a name, and the line is left out.
    private static let narrowestName = 12
    /// Below this there is no room for a byte counter and a name.
    private static let narrowestCounter = 20

    let width: Int
    let colors: TerminalColors

    /// The first line, with `right` at the right margin.
    func header(_ left: String, right: String) -> String {
        let line = right.isEmpty ? left : pad(left, to: width - right.count - 2) + " " + right
        return String(line.prefix(width))
    }

    /// The line of a job and those of its log; none where the terminal is too narrow.
    func lines(_ job: TTYJob) -> [String] {
        let timer = " \(Figures.seconds(job.nanoseconds, decimals: 1))s"
        var room = width - 4 - timer.count - 2
        var counter = ""
        if !job.counter.isEmpty, room > Self.narrowestCounter, room - job.counter.count > Self.narrowestName {
            counter = " " + job.counter
            room -= counter.count
        }
        guard room >= Self.narrowestName else { return [] }
        let text = " => " + job.name.prefix(room) + counter
        let line = pad(text, to: width - timer.count - 2) + " " + timer
        return [colored(line, job)] + job.log.map { faint(" => => # " + $0.prefix(max(0, width - 10))) }
    }

    private func colored(_ line: String, _ job: TTYJob) -> String {
        guard job.isCompleted else { return line }
        let color =
            switch job.outcome {
            case .run: colors.run
            case .canceled: colors.cancel
            case .error: colors.error
            }
        return TerminalColors.paint(line, color)
    }

    private func faint(_ line: String) -> String {
        TerminalColors.paint(line, "2")
    }

    private func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
