import Storage

/// Which step of an older build is the same one, or what it has become.
struct StepAlignment {
    /// A step of the older build.
    enum Match: Hashable {
        /// With the same instruction.
        case same(Int)
        /// In the same place, with another instruction.
        case changed(Int)

        /// The step's index in the older build.
        var index: Int {
            switch self {
            case .same(let index), .changed(let index): index
            }
        }
    }

    /// By the index of the newer build's step.
    private(set) var matches: [Int: Match] = [:]

    /// A step as it is compared: its instruction as it is written, without the digest of an image.
    private struct Line {
        let index: Int
        let text: String

        var keyword: Substring { text.prefix { !$0.isWhitespace } }
    }

    /// Aligns the steps stage by stage; then, where a stage has another name, by instruction alone.
    init(_ new: BuildRecord, _ old: BuildRecord) {
        let newStages = Self.stages(new)
        let oldStages = Self.stages(old)
        for (stage, lines) in newStages {
            if let others = oldStages[stage] { align(lines, others) }
        }
        var rest: [String: Int] = [:]
        let taken = Set(matches.values.map(\.index))
        for line in oldStages.values.flatMap(\.self) where !taken.contains(line.index) {
            rest[line.text] = line.index
        }
        for line in newStages.values.flatMap(\.self) where matches[line.index] == nil {
            matches[line.index] = rest[line.text].map { .same($0) }
        }
    }

    private static func stages(_ record: BuildRecord) -> [String: [Line]] {
        var stages: [String: [Line]] = [:]
        for (index, step) in record.steps.enumerated() where step.isOfDefinition {
            let label = StepLabel(step.name)
            let text = step.text ?? label.text.split(separator: "@sha256:").first.map(String.init) ?? label.text
            stages[label.stage ?? "", default: []].append(Line(index: index, text: text))
        }
        // In the order of the Dockerfile: steps begin in any order.
        return stages.mapValues { lines in
            lines.sorted { (record.steps[$0.index].line ?? 0, $0.index) < (record.steps[$1.index].line ?? 0, $1.index) }
        }
    }

    /// Matches equal lines in order, as many as possible, and what lies between them by keyword.
    private mutating func align(_ new: [Line], _ old: [Line]) {
        let pairs = Self.commonLines(new, old)
        var (newStart, oldStart) = (0, 0)
        for (newEnd, oldEnd) in pairs + [(new.count, old.count)] {
            pair(new[newStart..<newEnd], old[oldStart..<oldEnd])
            if newEnd < new.count { matches[new[newEnd].index] = .same(old[oldEnd].index) }
            (newStart, oldStart) = (newEnd + 1, oldEnd + 1)
        }
    }

    private mutating func pair(_ new: ArraySlice<Line>, _ old: ArraySlice<Line>) {
        var rest = old
        for line in new {
            guard let place = rest.firstIndex(where: { $0.keyword.uppercased() == line.keyword.uppercased() }) else {
                continue
            }
            matches[line.index] = .changed(rest[place].index)
            rest = rest[(place + 1)...]
        }
    }

    /// The places of a longest common subsequence.
    private static func commonLines(_ new: [Line], _ old: [Line]) -> [(new: Int, old: Int)] {
        let removed = Set(new.map(\.text).difference(from: old.map(\.text)).removals.map(\.offset))
        let inserted = Set(new.map(\.text).difference(from: old.map(\.text)).insertions.map(\.offset))
        return Array(
            zip(
                new.indices.filter { !inserted.contains($0) },
                old.indices.filter { !removed.contains($0) }
            )
        ).map { (new: $0, old: $1) }
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
