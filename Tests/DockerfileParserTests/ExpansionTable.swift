@testable import DockerfileParser

/// A table of expansions in `testdata/parser-tables`: `word => [result]` or `word !! message`, under settings that
/// begin with `@`.
struct ExpansionTable {
    enum Mode: String {
        case word
        case words
        case undefined
        case document
    }

    struct Row: CustomStringConvertible {
        let word: String
        let expected: String
        let mode: Mode
        let escape: EscapeCharacter
        let environment: [String: String]

        var description: String { "\(mode) \(word)" }

        /// The outcome in the notation of the table.
        var actual: String {
            do throws(ParseError) {
                return try outcome()
            } catch {
                let prefix = "failed to process \(word.goQuoted): "
                let message = error.message
                return "!! " + (message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : "?" + message)
            }
        }

        private func outcome() throws(ParseError) -> String {
            if mode == .document {
                let result = try WordExpander.expandDocument(Array(word.utf8)) { environment[$0] }
                return "=> [\(String(decoding: result.bytes, as: UTF8.self))]"
            }
            let result = try WordExpander(escape: escape).expand(word, environment: environment)
            switch mode {
            case .word, .document: return "=> [\(result.text)]"
            case .words: return "=> " + result.words.map { "[\($0)]" }.joined()
            case .undefined: return "=> " + result.undefinedNames.map { "[\($0)]" }.joined()
            }
        }
    }

    private(set) var rows: [Row] = []

    init(_ text: String) {
        var mode = Mode.word
        var escape = EscapeCharacter.backslash
        var environment: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix(";") {
            let parts = line.split(separator: " ", maxSplits: 1)
            switch parts.first {
            case "@mode": mode = Mode(rawValue: String(parts[1])) ?? .word
            case "@escape": escape = parts[1] == "backtick" ? .backtick : .backslash
            case "@env":
                if let (name, value) = String(parts[1]).cut(at: "=") { environment[name] = value }
            default:
                guard let row = Self.split(line) else { continue }
                rows.append(
                    Row(
                        word: row.word,
                        expected: row.expected,
                        mode: mode,
                        escape: escape,
                        environment: environment
                    )
                )
            }
        }
    }

    /// Splits at the last ` =>` or ` !!`.
    private static func split(_ line: Substring) -> (word: String, expected: String)? {
        let bytes = Array(line.utf8)
        let marks = [Array(" =>".utf8), Array(" !!".utf8)]
        guard
            let index = bytes.indices.last(where: { index in
                marks.contains { bytes[index...].starts(with: $0) }
            })
        else { return nil }
        var expected = String(decoding: bytes[(index + 1)...], as: UTF8.self)
        if expected == "=>" { expected = "=> " }
        return (String(decoding: bytes[..<index], as: UTF8.self), expected)
    }
}
