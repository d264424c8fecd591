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
        guard text.contains("$") else { return text }
        var reader = StepText(environment: environment, masked: masked, rest: text[...])
        reader.run()
        return reader.result
    }

    private mutating func run() {
        var isQuoted = false
        while let character = rest.popFirst() {
            switch character {
            case "'":
                isQuoted.toggle()
                result.append(character)
            case "\\" where !isQuoted:
                result.append(character)
                if let next = rest.popFirst() { result.append(next) }
            case "$" where !isQuoted: variable()
            default: result.append(character)
            }
        }
    }

    private mutating func variable() {
        let isBraced = rest.first == "{"
        let body = isBraced ? rest.dropFirst() : rest
        let name = body.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
        let after = body.dropFirst(name.count)
        guard !name.isEmpty, !isBraced || after.first == "}" else { return result.append("$") }
        let value = masked.contains(String(name)) ? "****" : environment[String(name)]
        guard let value else { return result.append("$") }
        result += value
        rest = isBraced ? after.dropFirst() : after
    }
}
