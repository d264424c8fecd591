/// An ordered list of path patterns, of which the last match wins (spec 1.12): a `.dockerignore` file, or the patterns
/// of `--exclude` and `--parents`.
///
/// Patterns are anchored at the root and compiled once. Paths are relative, without `/` at the front or the end.
package struct IgnorePatterns: Hashable, Sendable {
    /// The compiled patterns in order.
    let patterns: [IgnorePattern]
    /// Whether a pattern begins with `!`.
    package let hasExceptions: Bool

    /// Compiles patterns; blank ones are dropped, each is trimmed and cleaned.
    ///
    /// Throws `illegal exclusion pattern: "!"` and `syntax error in pattern`, without range.
    package init(_ patterns: [String]) throws(ParseError) {
        try self.init(bytes: patterns.map { Array($0.utf8) })
    }

    /// Compiles the lines of a `.dockerignore` file: comments and blank lines dropped, `/` at the front removed.
    package init(file: [UInt8]) throws(ParseError) {
        try self.init(bytes: Self.lines(of: file))
    }

    /// The patterns in a `.dockerignore` file as ``init(_:)`` takes them: comments and blank lines dropped, `/` at the
    /// front removed, paths cleaned; what is wrong is left for the compiler to refuse.
    package static func patterns(inFile file: [UInt8]) -> [String] {
        lines(of: file).map(\.text)
    }

    private static func lines(of file: [UInt8]) -> [[UInt8]] {
        let content = file.starts(with: [0xEF, 0xBB, 0xBF]) ? file.dropFirst(3) : file[...]
        return content.split(separator: ASCII.lineFeed).compactMap(pattern(ofLine:))
    }

    private init(bytes: [[UInt8]]) throws(ParseError) {
        var compiled: [IgnorePattern] = []
        for pattern in bytes {
            if let pattern = try IgnorePattern(pattern) { compiled.append(pattern) }
        }
        patterns = compiled
        hasExceptions = compiled.contains { $0.isException }
    }

    /// The pattern on a line of a file, or nil for a comment or a blank line.
    private static func pattern(ofLine line: ArraySlice<UInt8>) -> [UInt8]? {
        guard line.first != ASCII.hash else { return nil }
        var text = line.trimmingWhiteSpace()
        guard let first = text.first else { return nil }
        let isException = first == ASCII.bang
        if isException { text = text.dropFirst().trimmingWhiteSpace() }
        var path = text.isEmpty ? [] : LexicalPath.clean(text)
        if path.count > 1 && path.first == ASCII.slash { path.removeFirst() }
        return isException ? [ASCII.bang] + path : path
    }

    /// Whether there is no pattern.
    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether `path` is selected: it, or a directory above it, matches, and no later exception does.
    package func matches(_ path: String) -> Bool {
        matches(Array(path.utf8))
    }

    /// Whether `path` is selected: it, or a directory above it, matches, and no later exception does.
    package func matches(_ path: [UInt8]) -> Bool {
        var scope = IgnoreScope(self)
        for end in path.indices where path[end] == ASCII.slash { scope = scope.directory(path[..<end]) }
        return scope.selects(path[...])
    }

    /// Whether a pattern with `!` could take back something below the directory `path`.
    package func couldTakeBack(below path: [UInt8]) -> Bool {
        hasExceptions && patterns.contains { $0.isException && $0.couldMatch(below: path[...]) }
    }

    /// Whether something below the directory `path` could be selected though the directory is not; for patterns that
    /// say what to include.
    package func couldMatch(below path: [UInt8]) -> Bool {
        patterns.contains { !$0.isException && $0.couldMatch(below: path[...]) }
    }
}
