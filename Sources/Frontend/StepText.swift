/// The text of a step as progress shows it: variables with known values are filled in, all else stays as written.
struct StepText {
    private let environment: StageEnvironment
    private let masked: Set<String>
    private var rest: Substring
    private var result = ""

    /// Fills in the variables of a command line.
    ///
    /// Names in `masked` hold secrets and are never shown.
    static func display(_ text: String, _ environment: StageEnvironment, masking masked: Set<String> = []) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var reader = StepText(environment: environment, masked: masked, rest: text[...])
        reader.run()
        return reader.result
    }

    private mutating func run() {
        var isQuoted = false
        while let place = rest.utf8.firstIndex(where: Self.isSpecial) {
            result.append(contentsOf: rest[..<place])
            rest = rest[place...]
            switch rest.removeFirst() {
            case "$" where !isQuoted: variable()
            case "\\" where !isQuoted:
                result.append("\\")
                if let next = rest.popFirst() { result.append(next) }
            case let character:
                if character == "'" { isQuoted.toggle() }
                result.append(character)
            }
        }
        result.append(contentsOf: rest)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "$") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\")
    }

    private static func isOfName(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return character.isLetter || character.isNumber }
        return byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private mutating func variable() {
        let isBraced = rest.first == "{"
        let body = isBraced ? rest.dropFirst() : rest
        let name = body.prefix(while: Self.isOfName)
        let after = body.dropFirst(name.count)
        guard !name.isEmpty, !isBraced || after.first == "}" else { return result.append("$") }
        let value = masked.contains(String(name)) ? "****" : environment[String(name)]
        guard let value else { return result.append("$") }
        result += value
        rest = isBraced ? after.dropFirst() : after
    }
}
