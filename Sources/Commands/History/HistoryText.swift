import OCI
import Storage

/// The records of builds as text.
enum HistoryText {
    /// The list of builds; with `shortens` names lose their beginning beyond 36 characters.
    static func table(_ records: [BuildRecord], _ shortens: Bool, now: Timestamp = .now) -> String {
        var table = TextTable(padding: 3, titles: ["BUILD ID", "NAME", "STATUS", "CREATED AT", "DURATION"])
        for record in records {
            let name = shortens && record.name.count > 36 ? ".." + record.name.suffix(34) : record.name
            table.append([
                record.id, name, record.status.shown, ShownTime.ago(now.seconds - record.startedAt.seconds),
                ShownTime.duration(record.nanoseconds),
            ])
        }
        return table.text
    }

    /// All that a user wants to know of a build, in blocks.
    static func pretty(_ record: BuildRecord) -> String {
        let definition = record.definition
        var head = TextTable(padding: 1)
        head.append(["Name:", record.name])
        head.append(["Ref:", record.id])
        head.append(["Context:", definition.context])
        head.append(["Dockerfile:", definition.dockerfile])
        if let digest = definition.dockerfileDigest { head.append(["Dockerfile Digest:", digest]) }
        if let target = definition.target { head.append(["Target:", target]) }
        if !definition.platforms.isEmpty {
            head.append(["Platforms:", definition.platforms.joined(separator: ", ")])
        }
        var figures = TextTable(padding: 1)
        figures.append(["Started:", ShownTime.text(record.startedAt)])
        figures.append(["Duration:", ShownTime.duration(record.nanoseconds)])
        if record.status == .canceled { figures.append(["Status:", "Canceled"]) }
        if record.status == .failed, let error = record.error { figures.append(["Error:", error]) }
        figures.append(["Build Steps:", record.countsText])
        var blocks = [head.text, figures.text]
        blocks += pairs("NAMED CONTEXT", definition.contexts.sorted { $0.key < $1.key })
        blocks += pairs("OPTION", definition.options.sorted { $0.key < $1.key }.flatMap { n, v in v.map { (n, $0) } })
        blocks += pairs("BUILD ARG", definition.buildArguments.sorted { $0.key < $1.key })
        blocks += pairs("LABEL", definition.labels.sorted { $0.key < $1.key })
        blocks.append(steps(record))
        blocks += outputs(record)
        blocks.append("Print build logs: swbuild history logs \(record.id)\n")
        blocks.append("Explain what ran: swbuild why --build \(record.id)\n")
        return blocks.dropLast(1).joined(separator: "\n") + (blocks.last ?? "")
    }

    private static func pairs(_ title: String, _ pairs: [(key: String, value: String)]) -> [String] {
        if pairs.isEmpty { return [] }
        var table = TextTable(padding: 3, titles: [title, "VALUE"])
        for (name, value) in pairs { table.append([name, value]) }
        return [table.text]
    }

    private static func steps(_ record: BuildRecord) -> String {
        var table = TextTable(padding: 3, titles: ["OUTCOME", "TIME", "LINE", "STEP"])
        for step in record.steps {
            let place = step.line.map { "\(step.file ?? ""):\($0)" } ?? ""
            let time = step.outcome == .hit ? nil : step.nanoseconds
            table.append([step.outcome.shown, time.map(ShownTime.duration) ?? "", place, step.shownName])
        }
        return table.text
    }

    private static func outputs(_ record: BuildRecord) -> [String] {
        if record.outputs.isEmpty { return [] }
        var table = TextTable(padding: 3, titles: ["OUTPUT", "DESTINATION", "DIGEST"])
        for output in record.outputs {
            let destination = output.destination ?? output.names.joined(separator: ", ")
            table.append([output.type, destination.isEmpty ? "-" : destination, output.digest ?? "-"])
        }
        return [table.text]
    }
}

extension BuildRecord.Status {
    /// As lists show it.
    var shown: String {
        switch self {
        case .completed: "Completed"
        case .failed: "Error"
        case .canceled: "Canceled"
        }
    }
}

extension StepRecord.Outcome {
    /// As lists show it.
    var shown: String {
        switch self {
        case .hit: "cached"
        case .ran: "ran"
        case .failed: "failed"
        case .canceled: "canceled"
        case .pending: "not reached"
        }
    }
}

extension StepRecord {
    /// How long the step took; nil where it never began or never ended.
    var nanoseconds: Int64? {
        guard let start, let end else { return nil }
        return max(0, end - start)
    }

    /// The name in one line.
    var shownName: String {
        name.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension BuildRecord {
    /// When the build ended.
    var completedAt: Timestamp { startedAt.adding(nanoseconds: nanoseconds) }

    /// The numbers of steps: all, those that ended well, those found in the cache.
    var counts: (total: Int, completed: Int, cached: Int) {
        let cached = steps.filter { $0.outcome == .hit }.count
        return (steps.count, cached + steps.filter { $0.outcome == .ran }.count, cached)
    }

    /// `16/16 (25% cached)`.
    var countsText: String {
        let counts = counts
        return "\(counts.completed)/\(counts.total) (\(counts.cached * 100 / max(1, counts.total))% cached)"
    }
}
