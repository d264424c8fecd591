/// An instruction as the reader hands it on: continuations joined, comments removed, arguments split.
struct LogicalLine {
    /// The instruction word as written.
    var word: String
    /// The instruction, or nil where no such exists.
    var keyword: InstructionKeyword?
    /// The flags as written, with their dashes, without quotes and escapes.
    var flags: [String]
    var arguments: LineArguments
    /// The joined text.
    var text: [UInt8]
    var range: SourceRange
    var comments: [String]
    var heredocs: [Heredoc] = []
}

/// The arguments of an instruction, split as its kind demands.
enum LineArguments {
    case none
    /// The rest of the line.
    case text(String)
    /// Words between blanks.
    case words([String])
    /// The elements of a JSON array.
    case json([String])
    case pairs([KeyValue], isLegacy: Bool)
    /// The type of a health check and its command.
    case typed(String, CommandForm)
    /// The word, keyword and arguments that follow `ONBUILD`.
    indirect case nested(word: String, LineArguments)
}

extension LogicalLine {
    /// Splits the joined text of an instruction; throws what is wrong with its form, not with its meaning.
    init(
        splitting text: [UInt8],
        escape: EscapeCharacter,
        range: SourceRange,
        comments: [String]
    ) throws(ParseError) {
        let (word, flags, rest) = Self.split(text[...])
        self.init(
            word: word,
            keyword: InstructionKeyword(word: word),
            flags: flags,
            arguments: .none,
            text: text,
            range: range,
            comments: comments
        )
        do throws(ParseError) {
            if let keyword { arguments = try LineArguments(rest, of: keyword, escape: escape) }
        } catch {
            throw error.located(at: range)
        }
    }

    /// The instruction word, the flags, and the rest without blanks at its ends.
    static func split(_ text: ArraySlice<UInt8>) -> (word: String, flags: [String], rest: ArraySlice<UInt8>) {
        let line = text.trimmingWhiteSpace()
        let word = line.prefix { !ASCII.isBlank($0) }
        let (flags, rest) = WordSplitting.takeFlags(line[word.endIndex...].drop(while: ASCII.isBlank))
        return (word.text, flags, rest.trimmingWhiteSpace())
    }

    /// Whether documents may stand below: `ADD`, `COPY` and `RUN`, also behind `ONBUILD`, not in the JSON form.
    var takesHeredocs: Bool {
        if case .nested(let word, let arguments) = arguments {
            guard case .json = arguments else { return InstructionKeyword(word: word)?.takesHeredocs ?? false }
            return false
        }
        guard case .json = arguments else { return keyword?.takesHeredocs ?? false }
        return false
    }
}

extension LineArguments {
    init(
        _ rest: ArraySlice<UInt8>,
        of keyword: InstructionKeyword,
        escape: EscapeCharacter
    ) throws(ParseError) {
        guard !rest.isEmpty else {
            self = .none
            return
        }
        switch keyword.shape {
        case .text: self = .text(rest.text)
        case .words: self = .words(rest.splitAtBlanks())
        case .textOrJSON: self = try Self.json(rest) ?? .text(rest.text)
        case .wordsOrJSON: self = try Self.json(rest) ?? .words(rest.splitAtBlanks())
        case .declarations: self = .words(WordSplitting.quotedWords(rest, escape: escape.rawValue).map(\.text))
        case .pairs: self = try Self.pairs(rest, of: keyword, escape: escape)
        case .typedCommand: self = try Self.typedCommand(rest)
        case .instruction: self = try Self.nested(rest, escape: escape)
        }
    }

    /// The elements of a JSON array of strings, or nil where the text is no JSON array.
    private static func json(_ rest: ArraySlice<UInt8>) throws(ParseError) -> LineArguments? {
        guard rest.first == ASCII.openBracket, case .array(let elements)? = JSONReader.value(of: rest) else {
            return nil
        }
        var strings: [String] = []
        for element in elements {
            guard case .string(let string) = element else {
                throw ParseError("when using JSON array syntax, arrays must be comprised of strings only")
            }
            strings.append(string)
        }
        return .json(strings)
    }

    private static func pairs(
        _ rest: ArraySlice<UInt8>,
        of keyword: InstructionKeyword,
        escape: EscapeCharacter
    ) throws(ParseError) -> LineArguments {
        let words = WordSplitting.quotedWords(rest, escape: escape.rawValue)
        guard let first = words.first else { return .none }
        guard first.contains(ASCII.equals) else {
            let key = rest.prefix { !ASCII.isBlank($0) }
            guard key.endIndex < rest.endIndex else { throw ParseError("\(keyword.rawValue) must have two arguments") }
            let value = rest[key.endIndex...].drop(while: ASCII.isBlank)
            return .pairs([KeyValue(key: key.text, value: value.text)], isLegacy: true)
        }
        var pairs: [KeyValue] = []
        for word in words {
            guard let index = word.firstIndex(of: ASCII.equals) else {
                let shown = word.text.goQuoted
                throw ParseError(
                    "Syntax error - can't find = in \(shown). Must be of the form: name=value",
                    culprit: word.text
                )
            }
            pairs.append(KeyValue(key: word[..<index].text, value: word[(index + 1)...].text))
        }
        return .pairs(pairs, isLegacy: false)
    }

    private static func typedCommand(_ rest: ArraySlice<UInt8>) throws(ParseError) -> LineArguments {
        let type = rest.prefix { !ASCII.isBlank($0) && $0 != ASCII.lineFeed }
        let command = rest[type.endIndex...].trimmingLeadingWhiteSpace()
        if case .json(let arguments)? = try json(command) { return .typed(type.text, .exec(arguments)) }
        return .typed(type.text, .shell(command.text))
    }

    /// The instruction behind `ONBUILD`, split one level deep: a further `ONBUILD` is refused later.
    private static func nested(_ rest: ArraySlice<UInt8>, escape: EscapeCharacter) throws(ParseError) -> LineArguments {
        let (word, _, arguments) = LogicalLine.split(rest)
        guard let keyword = InstructionKeyword(word: word), keyword != .onBuild else {
            return .nested(word: word, .none)
        }
        return .nested(word: word, try LineArguments(arguments, of: keyword, escape: escape))
    }
}
