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
        if patterns.isEmpty { return false }
        let ends = path.indices.filter { path[$0] == ASCII.slash } + [path.count]
        guard hasExceptions else {
            return ends.contains { end in patterns.contains { $0.matches(path[..<end]) } }
        }
        var parent = PathMatch.root
        for end in ends { parent = match(path[..<end], below: parent) }
        return parent.isSelected
    }

    /// The verdict on a path, from that on its parent directory (`.root` at the top); a walk keeps one per directory.
    package func match(_ path: ArraySlice<UInt8>, below parent: PathMatch) -> PathMatch {
        var result = PathMatch(isSelected: false, patterns: Array(repeating: false, count: patterns.count))
        for (index, pattern) in patterns.enumerated() {
            // What matched a parent matches everything below it. Else a pattern that can't change the verdict is not
            // tried, and then doesn't count for what is below.
            let isInherited = index < parent.patterns.count && parent.patterns[index]
            if isInherited || (pattern.isException == result.isSelected && pattern.matches(path)) {
                result.patterns[index] = true
                result.isSelected = !pattern.isException
            }
        }
        return result
    }

    /// Whether a walk need not descend into the directory `path` because it is selected with everything below it.
    package func canSkipDirectory(_ path: [UInt8], _ match: PathMatch) -> Bool {
        guard match.isSelected else { return false }
        return !hasExceptions || !patterns.contains { $0.isException && $0.couldMatch(below: path[...]) }
    }

    /// Whether a walk need not descend into the directory `path` because it is selected with everything below it.
    package func canSkipDirectory(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return canSkipDirectory(bytes, PathMatch(isSelected: matches(bytes), patterns: []))
    }

    /// Whether something below the directory `path` could be selected though the directory is not; for patterns that
    /// say what to include.
    package func couldMatch(below path: [UInt8]) -> Bool {
        patterns.contains { !$0.isException && $0.couldMatch(below: path[...]) }
    }
}

/// Which patterns of a list match a path or a directory above it, and what follows.
package struct PathMatch: Hashable, Sendable {
    /// Whether the last matching pattern is none with `!`.
    package fileprivate(set) var isSelected: Bool
    fileprivate(set) var patterns: [Bool]

    /// The verdict on the root, which no pattern matches.
    package static let root = PathMatch(isSelected: false, patterns: [])
}
