/// A pattern of Go's `path.Match`, as sources of `COPY` and `ADD` use it: no `**`, and `*` stops at `/`.
package struct WildcardPattern: Hashable, Sendable {
    private let program: GlobProgram

    /// Compiles a pattern; throws `syntax error in pattern`, without range.
    package init(_ pattern: String) throws(ParseError) {
        program = GlobProgram(tokens: try GlobParser.parse(Array(pattern.utf8), hasDoubleStar: false))
    }

    /// Whether the whole of `path` matches.
    package func matches(_ path: String) -> Bool {
        matches(Array(path.utf8))
    }

    /// Whether the whole of `path` matches.
    package func matches(_ path: [UInt8]) -> Bool {
        program.matches(path[...])
    }

    /// Whether a path component has one of the characters that make it a pattern: `*`, `?`, `[`.
    package static func hasWildcard(_ component: String) -> Bool {
        component.utf8.contains { $0 == ASCII.star || $0 == ASCII.question || $0 == ASCII.openBracket }
    }
}
