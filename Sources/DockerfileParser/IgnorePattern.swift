/// One compiled pattern of a list.
struct IgnorePattern: Hashable, Sendable {
    /// The forms, of which all but the last need no glob.
    private enum Form: Hashable, Sendable {
        case exact([UInt8])
        /// `foo/**`: what begins with `foo/`.
        case prefix([UInt8])
        /// `**/foo` and `**foo`: what ends with `/foo` or is `foo`, or ends with `foo`.
        case suffix([UInt8])
        case glob(GlobProgram)
    }

    /// Whether it begins with `!`.
    let isException: Bool
    /// As it was written, trimmed.
    let text: String
    private let form: Form

    /// Trims, cleans and compiles a pattern; nil where it is blank.
    init?(_ text: [UInt8]) throws(ParseError) {
        let trimmed = text[...].trimmingWhiteSpace()
        guard !trimmed.isEmpty else { return nil }
        self.text = String(decoding: trimmed, as: UTF8.self)
        var path = LexicalPath.clean(trimmed)
        isException = path.first == ASCII.bang
        if isException {
            guard path.count > 1 else { throw ParseError("illegal exclusion pattern: \"!\"") }
            path.removeFirst()
        }
        form = Self.form(of: try GlobParser.parse(path, hasDoubleStar: true), path: path)
    }

    private static func form(of tokens: [GlobProgram.Token], path: [UInt8]) -> Form {
        let special = tokens.indices.filter { index in
            if case .literal = tokens[index] { false } else { true }
        }
        guard !path.contains(ASCII.backslash) else { return .glob(GlobProgram(tokens: tokens)) }
        if special.isEmpty { return .exact(path) }
        if special == [tokens.count - 1], tokens.last == .rest { return .prefix(path.dropLast(2)) }
        if special == [0], tokens.first == .directories { return .suffix(Array(path.dropFirst(2))) }
        return .glob(GlobProgram(tokens: tokens))
    }

    /// Whether `path` itself matches.
    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        switch form {
        case .exact(let exact): return path.count == exact.count && path.hasPrefix(exact)
        case .prefix(let prefix): return path.hasPrefix(prefix)
        case .suffix(let suffix):
            if path.hasSuffix(suffix) { return true }
            return suffix.first == ASCII.slash && path.count == suffix.count - 1
                && path.elementsEqual(suffix.dropFirst())
        case .glob(let program): return program.matches(path)
        }
    }

    /// Whether some path below the directory `path` could match.
    func couldMatch(below path: ArraySlice<UInt8>) -> Bool {
        switch form {
        case .exact(let exact):
            return exact.count > path.count && exact[path.count] == ASCII.slash && exact.starts(with: path)
        case .prefix(let prefix):
            let length = min(prefix.count, path.count)
            let isOnTheWay = prefix.count <= path.count || prefix[path.count] == ASCII.slash
            return isOnTheWay && prefix.prefix(length).elementsEqual(path.prefix(length))
        case .suffix: return true
        case .glob(let program): return program.couldMatch(below: path)
        }
    }
}
