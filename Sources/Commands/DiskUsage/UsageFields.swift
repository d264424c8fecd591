import OCI
import Storage

/// A record's fields as they are shown, by the names that templates and JSON have for them.
struct UsageFields {
    private let record: UsageRecord
    private let now: Int64

    init(_ record: UsageRecord, now: Int64) {
        self.record = record
        self.now = now
    }

    /// The names of all fields, sorted, with the titles of their columns.
    static let titles: KeyValuePairs<String, String> = [
        "CreatedAt": "CREATED AT", "Description": "DESCRIPTION", "ID": "ID", "LastUsedAt": "LAST ACCESSED",
        "Mutable": "MUTABLE", "Parents": "PARENTS", "Reclaimable": "RECLAIMABLE", "Shared": "SHARED", "Size": "SIZE",
        "Type": "TYPE", "UsageCount": "USAGE COUNT",
    ]

    /// The text of a field; `nil` for a name that is none.
    func text(_ field: String) -> String? {
        switch field {
        case "CreatedAt": createdAt
        case "Description": record.description
        case "ID": record.id
        case "LastUsedAt": lastUsed
        case "Mutable": "\(record.isMutable)"
        case "Parents": "[\(record.parents.joined(separator: " "))]"
        case "Reclaimable": "\(record.isReclaimable)"
        case "Shared": "\(record.isShared)"
        case "Size": HumanText.size(record.size)
        case "Type": record.kind.rawValue
        case "UsageCount": "\(record.usageCount)"
        default: nil
        }
    }

    /// A field as JSON; `nil` for a name that is none.
    func json(_ field: String) -> JSONText? {
        switch field {
        case "Mutable": .bool(record.isMutable)
        case "Reclaimable": .bool(record.isReclaimable)
        case "Shared": .bool(record.isShared)
        case "UsageCount": .integer(Int64(record.usageCount))
        case "Parents": record.parents.isEmpty ? .null : .strings(record.parents)
        default: text(field).map { .string($0) }
        }
    }

    /// All fields.
    var json: JSONText { .object(Self.titles.compactMap { field, _ in json(field).map { (field, $0) } }) }

    /// Rows of the default table: with marks for what can change and what is shared.
    var row: [String] {
        [
            record.id + (record.isMutable ? "*" : ""), "\(record.isReclaimable)",
            HumanText.size(record.size) + (record.isShared ? "*" : ""), lastUsed,
        ]
    }

    /// A block of lines, one for each field that says something.
    var block: String {
        var lines = [("ID", record.id)]
        if !record.parents.isEmpty { lines.append(("Parents", record.parents.joined(separator: ","))) }
        lines += [
            ("Created at", createdAt), ("Mutable", "\(record.isMutable)"), ("Reclaimable", "\(record.isReclaimable)"),
            ("Shared", "\(record.isShared)"), ("Size", HumanText.size(record.size)),
        ]
        if !record.description.isEmpty { lines.append(("Description", record.description)) }
        lines += [("Usage count", "\(record.usageCount)"), ("Last used", lastUsed), ("Type", record.kind.rawValue)]
        var table = TextTable(padding: 4)
        for (name, value) in lines { table.append(["\(name):", value]) }
        return table.text
    }

    private var createdAt: String { Timestamp(seconds: record.createdAt, nanoseconds: 0).description }

    private var lastUsed: String { ShownTime.ago(now - record.lastUsed) }
}
