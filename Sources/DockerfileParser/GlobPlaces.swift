/// The places in a glob that reading a text can have led to, as a set of token numbers.
struct GlobPlaces<Places: GlobPlaceSet> {
    private var current: Places
    private var next: Places
    private let tokens: [GlobProgram.Token]

    /// The places before the first character; `empty` has room for one more than the tokens.
    init(_ empty: Places, _ tokens: [GlobProgram.Token]) {
        current = empty
        next = empty
        self.tokens = tokens
        enter(0)
        swap(&current, &next)
    }

    /// Whether `text` may lead on, and whether it may be all.
    consuming func reading(_ text: ArraySlice<UInt8>) -> (isAlive: Bool, isAccepting: Bool) {
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            let (scalar, length) = byte < 0x80 ? (Unicode.Scalar(byte), 1) : text.scalar(at: position)
            step(over: scalar)
            if current.isEmpty { return (false, false) }
            position += length
        }
        return (!current.isEmpty, current.contains(tokens.count))
    }

    private mutating func step(over scalar: Unicode.Scalar) {
        next.removeAll()
        while let place = current.removeFirst() {
            if place < tokens.count { step(place, over: scalar) }
        }
        swap(&current, &next)
    }

    private mutating func step(_ place: Int, over scalar: Unicode.Scalar) {
        switch tokens[place] {
        case .literal(let literal): if literal == scalar { enter(place + 1) }
        case .one: if scalar != "/" { enter(place + 1) }
        case .set(let set): if set.contains(scalar) { enter(place + 1) }
        case .run: if scalar != "/" { enter(place) }
        case .rest: enter(place)
        case .directories:
            // Within a directory name only a slash leads on, so this place is kept without its empty way out.
            next.insert(place)
            if scalar == "/" { enter(place + 1) }
        }
    }

    /// Adds a place and those that follow it without a character.
    private mutating func enter(_ first: Int) {
        var place = first
        while true {
            next.insert(place)
            guard place < tokens.count else { return }
            switch tokens[place] {
            case .run, .rest, .directories: place += 1
            default: return
            }
        }
    }
}

/// A set of small numbers: one word for nearly all globs, several for long ones.
protocol GlobPlaceSet {
    var isEmpty: Bool { get }
    func contains(_ place: Int) -> Bool
    mutating func insert(_ place: Int)
    mutating func removeFirst() -> Int?
    mutating func removeAll()
}

extension UInt64: GlobPlaceSet {
    var isEmpty: Bool { self == 0 }

    func contains(_ place: Int) -> Bool { self & (1 << UInt64(place)) != 0 }

    mutating func insert(_ place: Int) { self |= 1 << UInt64(place) }

    mutating func removeFirst() -> Int? {
        guard self != 0 else { return nil }
        let place = trailingZeroBitCount
        self &= self - 1
        return place
    }

    mutating func removeAll() { self = 0 }
}

/// As many words as a long glob needs.
struct WideGlobPlaces: GlobPlaceSet {
    private var words: [UInt64]

    /// An empty set for numbers below `count`.
    init(count: Int) {
        words = Array(repeating: 0, count: count / 64 + 1)
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    func contains(_ place: Int) -> Bool { words[place / 64].contains(place % 64) }

    mutating func insert(_ place: Int) { words[place / 64].insert(place % 64) }

    mutating func removeFirst() -> Int? {
        for word in words.indices {
            if let place = words[word].removeFirst() { return word * 64 + place }
        }
        return nil
    }

    mutating func removeAll() {
        for word in words.indices { words[word] = 0 }
    }
}
