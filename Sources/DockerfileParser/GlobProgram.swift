/// A compiled glob: matched by following all ways at once, in time proportional to path times pattern.
struct GlobProgram: Hashable, Sendable {
    /// One step of a glob.
    enum Token: Hashable, Sendable {
        case literal(Unicode.Scalar)
        /// `?`: any character but `/`.
        case one
        /// `*`: any run without `/`.
        case run
        /// `[…]`.
        case set(GlobSet)
        /// `**/`: any number of directories, also none.
        case directories
        /// `**` at the end: anything.
        case rest
    }

    /// Literal bytes that every match begins with.
    private let head: [UInt8]
    /// What stands between head and tail.
    private let tokens: [Token]
    /// Literal bytes without `/` that every match ends with; empty where all is in the head.
    private let tail: [UInt8]

    init(tokens: [Token]) {
        let front = tokens.prefix { $0.scalar != nil }
        let back = tokens[front.endIndex...].reversed().prefix { $0.scalar != nil && $0.scalar != "/" }.reversed()
        head = front.compactMap(\.scalar).utf8Bytes
        tail = back.compactMap(\.scalar).utf8Bytes
        self.tokens = Array(tokens[front.endIndex...].dropLast(back.count))
    }

    /// Whether the whole of `path` matches.
    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.count >= head.count + tail.count, path.hasPrefix(head), path.hasSuffix(tail) else { return false }
        let middle = path.dropFirst(head.count).dropLast(tail.count)
        return places(after: middle).isAccepting
    }

    /// Whether some path below the directory `path` could match.
    func couldMatch(below path: ArraySlice<UInt8>) -> Bool {
        let start = path + [ASCII.slash]
        if start.count <= head.count { return head.starts(with: start) }
        // The tail has no slash, so it can't begin within the directory.
        return start.hasPrefix(head) && places(after: start.dropFirst(head.count)).isAlive
    }

    /// Whether `text` may lead on, and whether it may be all; both of what is between head and tail.
    private func places(after text: ArraySlice<UInt8>) -> (isAlive: Bool, isAccepting: Bool) {
        tokens.count < UInt64.bitWidth
            ? GlobPlaces(UInt64(), tokens).reading(text)
            : GlobPlaces(WideGlobPlaces(count: tokens.count + 1), tokens).reading(text)
    }
}

extension GlobProgram.Token {
    fileprivate var scalar: Unicode.Scalar? {
        if case .literal(let scalar) = self { scalar } else { nil }
    }
}

/// A character class of a glob.
struct GlobSet: Hashable, Sendable {
    var isNegated: Bool
    var ranges: [ClosedRange<Unicode.Scalar>]

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar) } != isNegated
    }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes begin with `prefix`.
    func hasPrefix(_ prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[startIndex + index] != prefix[index] { return false }
        return true
    }

    /// Whether the bytes end with `suffix`.
    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        guard count >= suffix.count else { return false }
        let start = endIndex - suffix.count
        for index in suffix.indices where self[start + index] != suffix[index] { return false }
        return true
    }
}
