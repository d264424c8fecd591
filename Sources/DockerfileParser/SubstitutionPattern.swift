/// A pattern within `${…}`: `*` any text, `?` any character, neither of them a line feed; no brackets (spec 1.6).
///
/// Matching follows all ways at once, in time proportional to text times pattern.
struct SubstitutionPattern {
    private enum Token: Hashable {
        case literal(Unicode.Scalar)
        case any
        case star
    }

    private let tokens: [Token]

    private init(tokens: [Token]) {
        self.tokens = tokens
    }

    /// Reads a pattern whose escapes are still in place.
    init(_ pattern: ArraySlice<UInt8>) throws(ParseError) {
        var tokens: [Token] = []
        var scalars = pattern.text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "\\":
                let escaped = scalars.next() ?? "\u{FFFD}"
                guard "*?\\}/".unicodeScalars.contains(escaped) else {
                    let text = pattern.text
                    throw ParseError("invalid pattern (\(text)) in substitution: invalid escape '\\\(escaped)'")
                }
                tokens.append(.literal(escaped))
            default: tokens.append(.literal(scalar))
            }
        }
        self.tokens = tokens
    }

    /// The pattern that matches the reversed texts.
    var reversed: SubstitutionPattern { SubstitutionPattern(tokens: tokens.reversed()) }

    /// The length of the shortest or longest match at the beginning of `text`, or nil.
    func prefixLength(in text: [Unicode.Scalar], longest: Bool) -> Int? {
        match(in: text, from: 0, isAnchored: true, longest: longest)?.upperBound
    }

    /// The text with the first match, or all, replaced; of matches at one place the longest counts.
    func replacing(in text: [Unicode.Scalar], with replacement: [UInt8], all: Bool) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        var position = 0
        while position <= text.count,
            let found = match(in: text, from: position, isAnchored: false, longest: true)
        {
            result += text[copied..<found.lowerBound].utf8Bytes
            // An empty match right behind another match does not count.
            if found.upperBound > copied || found.lowerBound == 0 { result += replacement }
            copied = found.upperBound
            position = found.isEmpty ? found.upperBound + 1 : found.upperBound
            if !all { break }
        }
        return result + text[copied...].utf8Bytes
    }

    /// The leftmost match from `start` on, or at `start`; `starts` holds, for each token that may come next, the
    /// earliest begin of a match that got there.
    private func match(in text: [Unicode.Scalar], from start: Int, isAnchored: Bool, longest: Bool) -> Range<Int>? {
        let none = Int.max
        var starts = [Int](repeating: none, count: tokens.count + 1)
        var best: Range<Int>?
        for position in start...text.count {
            if best == nil && (!isAnchored || position == start) { starts[0] = min(starts[0], position) }
            for (i, token) in tokens.enumerated() where token == .star { starts[i + 1] = min(starts[i + 1], starts[i]) }
            if let begin = starts.last, begin != none {
                best = begin..<position
                if !longest { return best }
            }
            guard position < text.count else { break }
            starts = step(starts, over: text[position], atMost: best?.lowerBound ?? none)
            if (best != nil || isAnchored) && starts.allSatisfy({ $0 == none }) { break }
        }
        return best
    }

    private func step(_ starts: [Int], over scalar: Unicode.Scalar, atMost limit: Int) -> [Int] {
        var next = [Int](repeating: .max, count: starts.count)
        for (i, token) in tokens.enumerated() where starts[i] != .max && starts[i] <= limit {
            switch token {
            case .literal(let literal) where literal == scalar: next[i + 1] = min(next[i + 1], starts[i])
            case .any where scalar != "\n": next[i + 1] = min(next[i + 1], starts[i])
            case .star where scalar != "\n": next[i] = min(next[i], starts[i])
            default: continue
            }
        }
        return next
    }
}
