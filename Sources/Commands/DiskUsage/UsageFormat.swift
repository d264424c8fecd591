import Storage

/// How records are shown: a table, blocks of lines, JSON, or what a template says.
enum UsageFormat: Sendable {
    case table
    case pretty
    case json
    case template(UsageTemplate)

    /// Reads `--format` and `--verbose`; the table where neither is given.
    init(_ format: String?, isVerbose: Bool) throws {
        guard let format else {
            self = isVerbose ? .pretty : .table
            return
        }
        if isVerbose { throw OptionError.conflicting("--format and --verbose cannot be used together") }
        switch format {
        case "", "table": self = .table
        case "pretty": self = .pretty
        case "json": self = .json
        default: self = .template(try UsageTemplate(format))
        }
    }

    /// Whether people read it, who want sums below.
    var hasSummary: Bool {
        switch self {
        case .table, .pretty: true
        case .json, .template: false
        }
    }

    /// The text of records in their order, each line with a line feed.
    func text(_ records: [UsageRecord], now: Int64) -> String {
        let fields = records.map { UsageFields($0, now: now) }
        switch self {
        case .table:
            var table = TextTable(padding: 4, titles: ["ID", "RECLAIMABLE", "SIZE", "LAST ACCESSED"])
            for field in fields { table.append(field.row) }
            return table.text
        case .pretty: return fields.map { $0.block + "\n" }.joined()
        case .json: return fields.map { String(decoding: $0.json.compact(), as: UTF8.self) + "\n" }.joined()
        case .template(let template): return text(fields, template)
        }
    }

    private func text(_ fields: [UsageFields], _ template: UsageTemplate) -> String {
        guard template.isTable else { return fields.map { template.line($0) + "\n" }.joined() }
        let lines = [template.titles] + fields.map { template.line($0) }
        let rows = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        var table = TextTable(padding: 4)
        for row in rows { table.append(row) }
        return table.text
    }

    /// Records as they are shown: the small ones first.
    static func sorted(_ records: [UsageRecord]) -> [UsageRecord] {
        records.sorted { ($0.size, $0.id) < ($1.size, $1.id) }
    }

    /// The sums below records.
    static func summary(_ records: [UsageRecord]) -> String {
        let total = records.reduce(0) { $0 + $1.size }
        let shared = records.reduce(0) { $0 + ($1.isShared ? $1.size : 0) }
        let reclaimable = records.reduce(0) { $0 + ($1.isReclaimable ? $1.size : 0) }
        var table = TextTable(padding: 4)
        if shared > 0 {
            table.append(["Shared:", HumanText.size(shared)])
            table.append(["Private:", HumanText.size(total - shared)])
        }
        table.append(["Reclaimable:", HumanText.size(reclaimable)])
        table.append(["Total:", HumanText.size(total)])
        return table.text
    }
}
