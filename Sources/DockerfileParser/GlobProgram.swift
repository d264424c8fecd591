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

    private let tokens: [Token]
    /// Literal bytes that every match begins with.
    private let head: [UInt8]
    /// Literal bytes that every match ends with.
    private let tail: [UInt8]

    init(tokens: [Token]) {
        self.tokens = tokens
        head = tokens.prefix { $0.scalar != nil }.compactMap(\.scalar).utf8Bytes
        tail = tokens.reversed().prefix { $0.scalar != nil }.reversed().compactMap(\.scalar).utf8Bytes
    }

    /// Whether the whole of `path` matches.
    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.starts(with: head), path.suffix(tail.count).elementsEqual(tail) else { return false }
        return run(over: path).last ?? false
    }

    /// Whether some path below the directory `path` could match.
    func couldMatch(below path: ArraySlice<UInt8>) -> Bool {
        // Checked first because most directories differ from a pattern in its literal head.
        let length = min(head.count, path.count)
        guard head.prefix(length).elementsEqual(path.prefix(length)) else { return false }
        return run(over: path + [ASCII.slash]).dropLast().contains(true)
            || tokens.last == .rest && run(over: path + [ASCII.slash]).last == true
    }

    /// The states that are reached at the end; state i means that token i comes next.
    private func run(over path: ArraySlice<UInt8>) -> [Bool] {
        var states = [Bool](repeating: false, count: tokens.count + 1)
        enter(0, &states)
        var next = states
        var position = path.startIndex
        while position < path.endIndex {
            let (scalar, length) = path.scalar(at: position)
            for i in next.indices { next[i] = false }
            var isAlive = false
            for (i, token) in tokens.enumerated() where states[i] {
                isAlive = true
                step(i, token, over: scalar, &next)
            }
            if !isAlive { return next }
            swap(&states, &next)
            position += length
        }
        return states
    }

    private func step(_ state: Int, _ token: Token, over scalar: Unicode.Scalar, _ next: inout [Bool]) {
        switch token {
        case .literal(let literal): if literal == scalar { enter(state + 1, &next) }
        case .one: if scalar != "/" { enter(state + 1, &next) }
        case .set(let set): if set.contains(scalar) { enter(state + 1, &next) }
        case .run: if scalar != "/" { enter(state, &next) }
        case .rest: enter(state, &next)
        case .directories:
            // Within a directory name only a slash leads on, so this state is kept without its empty way out.
            next[state] = true
            if scalar == "/" { enter(state + 1, &next) }
        }
    }

    /// Sets a state and those that follow it without a character.
    private func enter(_ first: Int, _ states: inout [Bool]) {
        var state = first
        states[state] = true
        while state < tokens.count {
            switch tokens[state] {
            case .run, .rest, .directories: state += 1
            default: return
            }
            states[state] = true
        }
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
