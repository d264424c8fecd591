import DockerfileParser
import LinuxSystem
import Storage

/// Which records `du` shows and `prune` removes, from the values of `--filter` (spec/05 §5.6).
///
/// A value is `field=text`, with `==`, `!=` and `~=` (an expression) as well, or a field alone that is there or not; several
/// with commas must all hold. Values for one field are alternatives; those for different fields must all hold.
struct UsageFilter: Sendable {
    /// `until`, in seconds: what was used since then does not match.
    let unusedFor: Int64?
    /// Of each the alternatives, of each the terms that must all hold.
    private let groups: [[[Term]]]

    private struct Term: Sendable {
        let field: String
        let test: @Sendable (String?) -> Bool
    }

    /// Whether anything matches.
    var isEmpty: Bool { groups.isEmpty && unusedFor == nil }

    /// Reads the values of the option.
    init(_ values: [String]) throws {
        var unusedFor: Int64?
        var order: [String] = []
        var groups: [String: [[Term]]] = [:]
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
            if terms.isEmpty { continue }
            let key = terms.count == 1 ? terms[0].field : value
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(terms)
        }
        self.unusedFor = unusedFor
        self.groups = order.compactMap { groups[$0] }
    }

    /// Whether a record matches all but the time.
    func matches(_ record: UsageRecord) -> Bool {
        groups.allSatisfy { alternatives in
            alternatives.contains { terms in terms.allSatisfy { $0.test(Self.value($0.field, record)) } }
        }
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
        for sign in ["==", "!=", "~="] {
            if let (field, value) = split(text, sign) { return try term(field, sign, value) }
        }
        // An id is mostly given in part.
        if let (field, value) = split(text, "=") { return try term(field, field == "id" ? "~=" : "==", value) }
        return Term(field: text) { $0 != nil }
    }

    private static func term(_ field: String, _ sign: String, _ value: String) throws -> Term {
        switch sign {
        case "!=": return Term(field: field) { $0 != value }
        case "~=":
            guard let pattern = TextPattern(value) else { throw error(value, "it is no regular expression") }
            return Term(field: field) { text in text.map(pattern.matches) ?? false }
        default: return Term(field: field) { $0 == value }
        }
    }

    private static func error(_ value: String, _ reason: String) -> OptionError {
        .invalidValue(option: "--filter", value: value, reason: reason)
    }

    private static func split(_ text: String, _ sign: String) -> (field: String, value: String)? {
        let (bytes, sign) = (Array(text.utf8), Array(sign.utf8))
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: sign) }), start > 0 else { return nil }
        var value = String(decoding: bytes[(start + sign.count)...], as: UTF8.self)
        if value.count > 1, value.first == "\"", value.last == "\"" { value = String(value.dropFirst().dropLast()) }
        return (String(decoding: bytes[..<start], as: UTF8.self), value)
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
