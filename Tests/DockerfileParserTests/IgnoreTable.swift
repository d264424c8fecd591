import Testing

@testable import DockerfileParser

/// The rows of `testdata/parser-tables/ignore.txt`, whose first lines say how they are written.
struct IgnoreTable {
    struct Row: CustomStringConvertible {
        /// The lines as the table shows them.
        let lines: String
        let isOfFlags: Bool
        /// The paths to choose from, as the table shows them.
        let paths: [String]
        /// `=> ` and the selected paths, or `!! ` and a message.
        let expected: String

        var description: String { lines }

        /// All directories above the paths.
        var directories: Set<String> {
            Set(
                paths.flatMap { path in
                    path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
                }
            )
        }

        /// The lines as they stand in a file.
        var text: String { IgnoreTable.decode(lines).replacing("|", with: "\n") }

        func compile() throws(ParseError) -> IgnorePatterns {
            guard isOfFlags else { return try IgnorePatterns(file: Array(text.utf8)) }
            return try IgnorePatterns(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }

        /// The outcome in the notation of the table.
        var actual: String {
            do throws(ParseError) {
                let patterns = try compile()
                return "=> " + paths.filter { patterns.matches(IgnoreTable.decode($0)) }.joined(separator: " ")
            } catch {
                return "!! \(error.message)"
            }
        }
    }

    private(set) var rows: [Row] = []

    private static let visible: KeyValuePairs = [
        "<BOM>": "\u{FEFF}", "<CR>": "\r", "<TAB>": "\t", "<SP>": " ", "<VT>": "\u{B}", "<NBSP>": "\u{A0}",
    ]

    /// A text with its invisible characters put in.
    private static func decode(_ text: String) -> String {
        visible.reduce(text) { $0.replacing($1.key, with: $1.value) }
    }

    init() throws {
        let bytes = try #require(TestData("parser-tables").read("ignore.txt", of: "."))
        var paths: [String] = []
        var isOfFlags = false
        for line in bytes.split(separator: UInt8(ascii: "\n")).map({ String(decoding: $0, as: UTF8.self) }) {
            if line.hasPrefix("@paths ") {
                paths = line.split(separator: " ").dropFirst().map(String.init)
            } else if line == "@mode flags" {
                isOfFlags = true
            } else if !line.hasPrefix(";") {
                let mark = try #require(line.lastRange(of: " =>") ?? line.lastRange(of: " !!"))
                let expected = String(line[line.index(after: mark.lowerBound)...])
                rows.append(
                    Row(lines: String(line[..<mark.lowerBound]), isOfFlags: isOfFlags, paths: paths, expected: expected)
                )
            }
        }
    }
}

extension String {
    /// The last place of `text`.
    fileprivate func lastRange(of text: String) -> Range<String.Index>? {
        indices.last { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}
