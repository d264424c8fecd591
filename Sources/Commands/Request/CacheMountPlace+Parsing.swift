import Operations

extension CacheMountPlace {
    /// Reads `ID=FILE`, `ID=type=local,src=FILE` (or `dest=`) or `ID=type=registry,ref=NAME`.
    static func parse(_ text: String, option: String) throws(OptionError) -> (id: String, place: CacheMountPlace) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .expectedPair(option: option, value: text)
        }
        guard parts[1].hasPrefix("type=") else { return (parts[0], .file(parts[1])) }
        return (parts[0], try fields(CSVFields(parts[1]), text, option))
    }

    private static func fields(
        _ fields: CSVFields,
        _ text: String,
        _ option: String
    ) throws(OptionError) -> CacheMountPlace {
        var values: [String: String] = [:]
        for (key, value) in fields.pairs {
            guard ["type", "ref", "src", "dest"].contains(key), let value, !value.isEmpty else {
                throw .invalidValue(option: option, value: text, reason: "unexpected field `\(key)`")
            }
            values[key] = value
        }
        switch values["type"] {
        case "registry":
            guard let name = values["ref"] else {
                throw .invalidValue(option: option, value: text, reason: "`ref` is missing")
            }
            return .registry(try BuildCommand.imageName(name, allowsDigest: true))
        case "local":
            guard let path = values["src"] ?? values["dest"] else {
                throw .invalidValue(option: option, value: text, reason: "`src` or `dest` is missing")
            }
            return .file(path)
        default: throw .invalidValue(option: option, value: text, reason: "the types are local and registry")
        }
    }
}
