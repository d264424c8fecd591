/// The `--name=value` words between an instruction and its arguments (spec 1.3).
struct InstructionFlags {
    /// What a flag takes.
    enum Kind {
        /// Nothing, `true` or `false`.
        case boolean
        /// One value, once.
        case string
        /// One value, any number of times.
        case strings
    }

    private var values: [String: [String]] = [:]

    /// Reads `words`; refuses flags that `kinds` does not have.
    init(_ words: [String], allowing kinds: KeyValuePairs<String, Kind> = [:]) throws(ParseError) {
        for word in words {
            let (name, value) = word.cut(at: "=").map { ($0.before, Optional($0.after)) } ?? (word, nil)
            let key = String(name.dropFirst(2))
            guard let kind = kinds.first(where: { $0.key == key })?.value else {
                let near = Suggestion.nearest(to: key, among: kinds.map(\.key))
                throw ParseError("unknown flag: \(name)", suggestion: near, culprit: name)
            }
            if values[key] != nil && kind != .strings {
                throw ParseError("duplicate flag specified: \(name)", culprit: name)
            }
            values[key, default: []].append(try Self.check(value, of: name, kind: kind))
        }
    }

    private static func check(_ value: String?, of name: String, kind: Kind) throws(ParseError) -> String {
        guard kind == .boolean else {
            guard let value else { throw ParseError("missing a value on flag: \(name)", culprit: name) }
            return value
        }
        switch value?.lowercased() {
        case nil, "true": return "true"
        case "false": return "false"
        case "": throw ParseError("missing a value on flag: \(name)", culprit: name)
        default:
            throw ParseError("expecting boolean value for flag \(name), not: \(value ?? "")", culprit: name)
        }
    }

    /// The value of a flag that was given, or nil.
    func string(_ name: String) -> String? { values[name]?.first }

    /// All values of a flag.
    func strings(_ name: String) -> [String] { values[name] ?? [] }

    /// The truth value of a flag that was given, or nil.
    func boolean(_ name: String) -> Bool? { values[name].map { $0.first == "true" } }
}
