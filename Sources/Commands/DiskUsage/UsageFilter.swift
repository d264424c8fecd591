import DockerfileParser
import LinuxSystem
import Storage

/// Which records `du` shows and `prune` removes, from the values of `--filter` (spec/05 §5.6).
///
/// A value is `field=text`, with `==`, `!=` and `~=` (an expression) as well, or a field alone that is there or not. Together
/// they are one filter, as in buildx, and must all hold, but that a field may have one of several texts. Several with commas
/// between them, which must all hold, are a filter of their own, as in BuildKit: what any filter matches matches.
struct UsageFilter: Sendable {
    /// `until`, in seconds: what was used since then does not match.
    let unusedFor: Int64?
    /// What must all hold: of each the alternatives.
    private let groups: [[Term]]
    /// Filters of their own, of each the terms that must all hold.
    private let others: [[Term]]

    private struct Term: Sendable {
        let field: String
        /// Which other terms are alternatives to this one.
        let group: String
        let test: @Sendable (String?) -> Bool
    }

    /// Whether anything matches.
    var isEmpty: Bool { groups.isEmpty && others.isEmpty && unusedFor == nil }

    /// Reads the values of the option.
    init(_ values: [String]) throws {
        var unusedFor: Int64?
        var groups: [String: [Term]] = [:]
        var others: [[Term]] = []
        for value in values {
            var terms: [Term] = []
            for part in value.split(separator: ",").map(String.init) {
                if let duration = try Self.duration(part) {
                    guard unusedFor == nil else { throw Self.error(part, "only one time can be given") }
                    unusedFor = duration
                } else {
                    terms.append(try Self.term(part))
                }
            }
            if terms.count > 1 {
                others.append(terms)
            } else if let term = terms.first {
                groups[term.group, default: []].append(term)
            }
        }
        self.unusedFor = unusedFor
        self.groups = Array(groups.values)
        self.others = others
    }

    /// Whether a record matches all but the time.
    func matches(_ record: UsageRecord) -> Bool {
        func holds(_ term: Term) -> Bool { term.test(Self.value(term.field, record)) }
        if others.contains(where: { $0.allSatisfy(holds) }) { return true }
        if groups.isEmpty { return others.isEmpty }
        return groups.allSatisfy { $0.contains(where: holds) }
    }

    /// Whether a record matches, the time included.
    func matches(_ record: UsageRecord, now: Int64) -> Bool {
        if let unusedFor, record.lastUsed > now - unusedFor { return false }
        return matches(record)
    }

    // MARK: Terms

    private static func duration(_ text: String) throws -> Int64? {
        for key in ["until=", "unused-for="] where text.hasPrefix(key) {
            guard let duration = try? GoDuration(parsing: String(text.dropFirst(key.count))) else {
                throw error(text, "a time such as `24h` or `90m` is expected")
            }
            return duration.nanoseconds / 1_000_000_000
        }
        return nil
    }

    private static func term(_ text: String) throws -> Term {
        let field = text.prefix { !"=!~".contains($0) }
        let rest = text.dropFirst(field.count)
        guard !field.isEmpty, let sign = ["==", "!=", "~=", "="].first(where: rest.hasPrefix) else {
            return Term(field: text, group: text) { $0 != nil }
        }
        var value = rest.dropFirst(sign.count)
        if value.count > 1, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        // An id is mostly given in part.
        let comparison = sign == "=" && field == "id" ? "~=" : sign
        return try term(String(field), comparison, String(value))
    }

    private static func term(_ field: String, _ sign: String, _ value: String) throws -> Term {
        switch sign {
        case "!=": return Term(field: field, group: "\(field)!=\(value)") { $0 != value }
        case "~=":
            guard let pattern = TextPattern(value) else { throw error(value, "it is no regular expression") }
            return Term(field: field, group: field + "~") { text in text.map(pattern.matches) ?? false }
        default: return Term(field: field, group: field) { $0 == value }
        }
    }

    private static func error(_ value: String, _ reason: String) -> OptionError {
        .invalidValue(option: "--filter", value: value, reason: reason)
    }

    /// What a record has as a field; `nil` where it has no such field.
    private static func value(_ field: String, _ record: UsageRecord) -> String? {
        switch field {
        case "id": record.id
        case "parents": record.parents.joined(separator: ";")
        case "description": record.description
        case "type": record.kind.rawValue
        case "inuse": record.isReclaimable ? nil : ""
        case "mutable": record.isMutable ? "" : nil
        case "immutable": record.isMutable ? nil : ""
        case "shared": record.isShared ? "" : nil
        case "private": record.isShared ? nil : ""
        default: nil
        }
    }
}
