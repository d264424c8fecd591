import DockerfileParser
import OCI
import Storage

/// A condition of `history ls --filter`, as `docker buildx history ls` understands it.
struct HistoryFilter: Sendable {
    private enum Condition {
        case ref(String, isEqual: Bool)
        case repository(String, isEqual: Bool)
        case status(String, isEqual: Bool)
        /// Seconds since 1970.
        case time(Comparison, Int64, isStart: Bool)
        /// Nanoseconds.
        case duration(Comparison, Int64)
    }

    private enum Comparison: String {
        case less = "<"
        case notMore = "<="
        case more = ">"
        case notLess = ">="

        func holds(_ left: Int64, _ right: Int64) -> Bool {
            switch self {
            case .less: left < right
            case .notMore: left <= right
            case .more: left > right
            case .notLess: left >= right
            }
        }
    }

    private let condition: Condition

    init(parsing text: String, now: Timestamp = .now) throws(OptionError) {
        let separators = ["!=", "<=", ">=", "=", "<", ">"]
        let places = separators.compactMap { separator in text.firstRange(of: separator).map { ($0, separator) } }
        // The first separator counts, and where two begin there, the longer one.
        guard let (place, separator) = places.min(by: { $0.0.lowerBound < $1.0.lowerBound }) else {
            throw .conflicting("invalid filter \"\(text)\"")
        }
        let key = String(text[..<place.lowerBound])
        let value = String(text[place.upperBound...])
        switch key {
        case "ref", "repository", "status":
            guard separator.hasSuffix("="), !"<>".contains(separator.first ?? "=") else {
                throw .conflicting("invalid separator for \"\(key)\", expected = or !=")
            }
            let isEqual = separator == "="
            condition =
                key == "ref"
                ? .ref(value, isEqual: isEqual)
                : key == "status" ? .status(value, isEqual: isEqual) : .repository(value, isEqual: isEqual)
        case "startedAt", "completedAt", "duration":
            guard let comparison = Comparison(rawValue: separator) else {
                throw .conflicting("invalid separator for \"\(key)\", expected <=, <, >= or >")
            }
            condition = try Self.condition(key, comparison, value, now)
        default: throw .conflicting("unsupported filter \"\(text)\"")
        }
    }

    private static func condition(
        _ key: String,
        _ comparison: Comparison,
        _ value: String,
        _ now: Timestamp
    ) throws(OptionError) -> Condition {
        let duration = (try? GoDuration(parsing: value))?.nanoseconds
        if key == "duration" {
            guard let duration else { throw .conflicting("invalid duration \(value)") }
            return .duration(comparison, duration)
        }
        let time = duration.map { now.seconds - $0 / 1_000_000_000 } ?? (try? Timestamp(parsing: value))?.seconds
        guard let time else { throw .conflicting("invalid time \(value)") }
        return .time(comparison, time, isStart: key == "startedAt")
    }

    /// Whether a record is to be shown.
    func matches(_ record: BuildRecord) -> Bool {
        switch condition {
        case .ref(let text, let isEqual): isEqual ? record.id.contains(text) : record.id != text
        case .repository(let text, let isEqual):
            isEqual ? record.definition.context.contains(text) : record.definition.context != text
        case .status(let text, let isEqual): (record.status.filterName == text) == isEqual
        case .time(let comparison, let time, let isStart):
            comparison.holds(isStart ? record.startedAt.seconds : record.completedAt.seconds, time)
        case .duration(let comparison, let duration): comparison.holds(record.nanoseconds, duration)
        }
    }
}

extension BuildRecord.Status {
    /// As a filter names it.
    fileprivate var filterName: String { self == .failed ? "error" : rawValue }
}
