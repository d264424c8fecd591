/// The machine behind ``WordExpander``; it reads bytes, so that what is not UTF-8 passes through.
struct WordLexer {
    /// Departures from the ordinary reading of a word.
    struct Options: OptionSet {
        let rawValue: UInt8

        /// Quotes stay in the result.
        static let keepsQuotes = Options(rawValue: 1)
        /// Escape characters stay in the result.
        static let keepsEscapes = Options(rawValue: 2)
        /// Variables that are not set stay as written.
        static let keepsUnset = Options(rawValue: 4)
        /// Quotes are ordinary characters.
        static let plainQuotes = Options(rawValue: 8)
    }

    /// Substitutions nested deeper than this are refused, so that no text exhausts the stack.
    static let maximumDepth = 64

    let bytes: [UInt8]
    let escape: UInt8
    let options: Options
    let lookup: WordExpander.Lookup
    var position = 0
    var depth = 0
    /// Whether escape characters stay in the result where the lexer stands.
    var keepsEscapes: Bool
    private(set) var undefinedNames: [String] = []
    private(set) var definedNames: [String] = []
    private var seenNames: Set<String> = []

    init(
        _ bytes: [UInt8],
        escape: EscapeCharacter,
        options: Options = [],
        lookup: @escaping WordExpander.Lookup = { _ in nil }
    ) {
        self.bytes = bytes
        self.escape = escape.rawValue
        self.options = options
        self.lookup = lookup
        keepsEscapes = options.contains(.keepsEscapes)
    }

    /// The byte at the current position, or nil at the end.
    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Takes the scalar at the current position; nil at the end.
    mutating func takeScalar() -> ArraySlice<UInt8>? {
        guard position < bytes.count else { return nil }
        let length = bytes[...].scalar(at: position).length
        position += length
        return bytes[position - length..<position]
    }

    /// The value of a variable; remembers the name.
    mutating func value(of name: String) -> String? {
        let value = lookup(name)
        if seenNames.insert(name).inserted {
            if value == nil { undefinedNames.append(name) } else { definedNames.append(name) }
        }
        return value
    }

    /// Reads to the end.
    mutating func run() throws(ParseError) -> LexedWords {
        try scan(until: nil, keepingEscapes: keepsEscapes)
    }

    /// Reads to the end, or up to and including the byte `stop`.
    mutating func scan(until stop: UInt8?, keepingEscapes: Bool) throws(ParseError) -> LexedWords {
        let outer = keepsEscapes
        keepsEscapes = keepingEscapes
        defer { keepsEscapes = outer }
        var result = LexedWords(collectsWords: stop == nil)
        while let byte = current {
            if byte == stop {
                position += 1
                result.finish()
                return result
            }
            try readNext(byte, into: &result)
        }
        if let stop {
            let shown = String(Unicode.Scalar(stop))
            throw ParseError("unexpected end of statement while looking for matching \(shown)")
        }
        result.finish()
        return result
    }

    private mutating func readNext(_ byte: UInt8, into result: inout LexedWords) throws(ParseError) {
        let hasQuotes = !options.contains(.plainQuotes)
        switch byte {
        case ASCII.dollar: result.appendSplitting(try readDollar())
        case ASCII.singleQuote where hasQuotes: result.appendWhole(try readSingleQuotes())
        case ASCII.doubleQuote where hasQuotes: result.appendWhole(try readDoubleQuotes())
        case ASCII.less: result.appendWhole(readPossibleHeredoc())
        case escape: readEscape(into: &result)
        case ..<0x80:
            position += 1
            result.append(byte)
        default: result.appendSplitting(takeScalar() ?? [])
        }
    }

    /// An escape character outside quotes makes the next character literal; at the end it is dropped.
    private mutating func readEscape(into result: inout LexedWords) {
        position += 1
        if keepsEscapes { result.appendWhole([escape]) }
        if let scalar = takeScalar() { result.appendWhole(scalar) }
    }

    private mutating func readSingleQuotes() throws(ParseError) -> ArraySlice<UInt8> {
        let start = position
        guard let end = bytes[(start + 1)...].firstIndex(of: ASCII.singleQuote) else {
            position = bytes.count
            throw ParseError("unexpected end of statement while looking for matching single-quote")
        }
        position = end + 1
        return options.contains(.keepsQuotes) ? bytes[start...end] : bytes[(start + 1)..<end]
    }

    private mutating func readDoubleQuotes() throws(ParseError) -> [UInt8] {
        let quote = options.contains(.keepsQuotes) ? [ASCII.doubleQuote] : []
        var result = quote
        position += 1
        while let byte = current {
            switch byte {
            case ASCII.doubleQuote:
                position += 1
                return result + quote
            case ASCII.dollar:
                result += try readDollar()
            case escape:
                position += 1
                if keepsEscapes { result.append(escape) }
                // Only these can be escaped here; in front of another character the escape character stays.
                guard let next = current else { continue }
                let isEscapable = next == ASCII.doubleQuote || next == ASCII.dollar || next == escape
                result.append(isEscapable ? next : escape)
                if isEscapable { position += 1 }
            default:
                position += 1
                result.append(byte)
            }
        }
        throw ParseError("unexpected end of statement while looking for matching double-quote")
    }

    /// Takes `<`, or `<<` together with the blanks after it, which then do not end the word.
    private mutating func readPossibleHeredoc() -> ArraySlice<UInt8> {
        let start = position
        position += 1
        if current == ASCII.less {
            position += 1
            while let byte = current, byte == ASCII.space || byte == ASCII.tab || byte == ASCII.carriageReturn {
                position += 1
            }
        }
        return bytes[start..<position]
    }
}

/// Text as it is read, whole and split into words.
struct LexedWords {
    let collectsWords: Bool
    private(set) var bytes: [UInt8] = []
    private(set) var words: [[UInt8]] = []
    private var word: [UInt8] = []

    init(collectsWords: Bool) {
        self.collectsWords = collectsWords
    }

    /// Adds an ASCII character, which ends the word if it is a blank.
    mutating func append(_ byte: UInt8) {
        bytes.append(byte)
        guard collectsWords else { return }
        if byte == ASCII.space || (byte >= 0x09 && byte <= 0x0D) { finish() } else { word.append(byte) }
    }

    /// Adds a text whose blanks end words.
    mutating func appendSplitting(_ text: some Collection<UInt8>) {
        bytes += text
        guard collectsWords else { return }
        let slice = ArraySlice(text)
        var position = slice.startIndex
        while position < slice.endIndex {
            let blank = slice.whiteSpaceLength(at: position)
            if blank > 0 { finish() } else { word.append(slice[position]) }
            position += max(1, blank)
        }
    }

    /// Adds a text whose blanks do not end words.
    mutating func appendWhole(_ text: some Collection<UInt8>) {
        bytes += text
        if collectsWords { word += text }
    }

    /// Ends the current word; an empty one is dropped.
    mutating func finish() {
        if !word.isEmpty { words.append(word) }
        word = []
    }
}
