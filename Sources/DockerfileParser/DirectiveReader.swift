/// One `# key=value` line at the top of a file.
struct DirectiveLine: Hashable {
    enum Key: String {
        case syntax
        case escape
        case check
    }

    let key: Key
    let value: String
}

/// Recognises directives line by line, until the first line that is none (spec 1.2).
struct DirectiveReader {
    private let prefix: [UInt8]
    private var seen: Set<DirectiveLine.Key> = []
    private(set) var isDone = false

    /// Recognises lines that begin with `prefix`.
    init(prefix: String = "#") {
        self.prefix = Array(prefix.utf8)
    }

    /// The directive that `line` is, or nil, after which every answer is nil.
    mutating func read(_ line: ArraySlice<UInt8>) throws(ParseError) -> DirectiveLine? {
        guard !isDone else { return nil }
        guard line.starts(with: prefix), let directive = Self.parse(line.dropFirst(prefix.count)) else {
            isDone = true
            return nil
        }
        guard seen.insert(directive.key).inserted else {
            throw ParseError("only one \(directive.key.rawValue) parser directive can be used")
        }
        return directive
    }

    /// Reads `key = value` with a known key.
    private static func parse(_ line: ArraySlice<UInt8>) -> DirectiveLine? {
        let text = line.trimmingWhiteSpace()
        let word = text.prefix { ASCII.isLetter($0) || ASCII.isDigit($0) }
        let rest = text[word.endIndex...].trimmingLeadingWhiteSpace()
        guard rest.first == ASCII.equals, let key = DirectiveLine.Key(rawValue: word.text.lowercased()) else {
            return nil
        }
        let value = rest.dropFirst().trimmingLeadingWhiteSpace()
        return value.isEmpty ? nil : DirectiveLine(key: key, value: value.text)
    }
}

extension SyntaxDirective {
    /// The frontend that a build definition asks for, or nil: `#syntax=`, else `//syntax=` at the top, else a JSON
    /// object with a `syntax` string; a `#!` line first is skipped.
    package static func detect(in bytes: [UInt8]) -> SyntaxDirective? {
        for prefix in ["#", "//"] {
            if let found = Directives.find(.syntax, in: bytes, prefix: prefix) {
                return SyntaxDirective(commandLine: found.value, range: SourceRange(line: found.line))
            }
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard text.trimmingLeadingWhiteSpace().first == ASCII.openBrace,
            case .object(let members)? = JSONReader.value(of: text), case .string(let value)? = members["syntax"]
        else { return nil }
        return SyntaxDirective(commandLine: value, range: SourceRange(line: 1))
    }
}

extension Directives {
    /// The value and the line of the first directive `key` at the top; a `#!` line first is skipped.
    static func find(_ key: DirectiveLine.Key, in bytes: [UInt8], prefix: String = "#") -> (value: String, line: Int)? {
        var lines = LineReader(bytes)
        var reader = DirectiveReader(prefix: prefix)
        while let line = try? lines.next() {
            if lines.lineNumber == 1 && line.starts(with: "#!".utf8) { continue }
            guard let directive = try? reader.read(line.trimmingLineEnd()) else { return nil }
            if directive.key == key { return (directive.value, lines.lineNumber) }
        }
        return nil
    }
}
