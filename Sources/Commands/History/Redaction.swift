import BuildGraph
import DockerfileParser
import LinuxSystem
import Storage

/// Takes out of what is kept of a build what may be a secret: values of secrets, of arguments and variables whose names
/// say so, credentials in URLs.
struct Redaction: Sendable {
    /// Shorter values are left where they are: they would hide half of every text.
    private static let shortest = 3
    /// The longest ones first, since one may hold another.
    private let values: [String]

    /// Hides `values` wherever they stand, whole and line by line.
    init(hiding values: [String]) {
        let lines = values.flatMap { value in
            let lines = value.split(whereSeparator: \.isNewline).map(String.init)
            return [value] + (lines.count == 1 ? lines : lines.filter { $0.utf8.count >= 8 })
        }
        self.values = Set(lines.filter { $0.utf8.count >= Self.shortest }).sorted {
            ($1.utf8.count, $0) < ($0.utf8.count, $1)
        }
    }

    /// The text without them.
    func text(_ text: String) -> String {
        values.reduce(text.withoutURLCredentials) { text, value in
            text.contains(value) ? text.replacing(value, with: StepRecord.hidden) : text
        }
    }

    /// The value of an argument or variable called `name`.
    func value(_ value: String, of name: String) -> String {
        if Self.isSecret(name) { return StepRecord.hidden }
        let text = text(value)
        // Proxies may be given without a scheme.
        guard name.lowercased().hasSuffix("_proxy"), !value.contains("://"), let at = text.lastIndex(of: "@") else {
            return text
        }
        return "xxxxx" + text[at...]
    }

    /// Whether a value with this name is never kept.
    static func isSecret(_ name: String) -> Bool { StageLint.isSecret(name) }

    /// The values that a name and a value of a build make secret.
    static func sensitive(_ name: String, _ value: String) -> [String] {
        if isSecret(name) { return [value] }
        if name.lowercased().hasSuffix("_proxy"), !value.contains("://"), let at = value.lastIndex(of: "@") {
            return [String(value[..<at])]
        }
        return sensitive(in: value)
    }

    /// The credentials in the URLs of a text: as they are, and the password alone.
    static func sensitive(in text: String) -> [String] {
        text.urlCredentials.flatMap { credentials in
            let password = credentials.split(separator: ":", maxSplits: 1).dropFirst().first.map(String.init)
            return [credentials] + [password].compactMap(\.self)
        }
    }
}

// Logs, whose pieces may cut a value in two.
extension Redaction {
    /// The pieces of one stream of bytes without the values.
    func bytes(_ pieces: [[UInt8]]) -> [[UInt8]] {
        if values.isEmpty { return pieces }
        let all = pieces.flatMap(\.self)
        var hidden: [Range<Int>] = []
        for value in values.map({ Array($0.utf8) }) {
            hidden += Self.places(of: value, in: all)
        }
        if hidden.isEmpty { return pieces }
        return Self.cut(hidden.sorted { $0.lowerBound < $1.lowerBound }, from: pieces)
    }

    private static func places(of value: [UInt8], in all: [UInt8]) -> [Range<Int>] {
        guard let first = value.first else { return [] }
        var places: [Range<Int>] = []
        var start = 0
        while let found = all[start...].firstIndex(of: first) {
            if all[found...].starts(with: value) {
                places.append(found..<found + value.count)
                start = found + value.count
            } else {
                start = found + 1
            }
        }
        return places
    }

    /// `hidden` are ranges of the joined pieces, sorted, and may overlap.
    private static func cut(_ hidden: [Range<Int>], from pieces: [[UInt8]]) -> [[UInt8]] {
        var ranges = hidden[...]
        var covered = 0
        var offset = 0
        return pieces.map { piece in
            var result: [UInt8] = []
            for byte in piece {
                while let range = ranges.first, range.lowerBound <= offset {
                    if offset >= covered { result += Array(StepRecord.hidden.utf8) }
                    covered = max(covered, range.upperBound)
                    ranges.removeFirst()
                }
                if offset >= covered { result.append(byte) }
                offset += 1
            }
            return result
        }
    }
}
