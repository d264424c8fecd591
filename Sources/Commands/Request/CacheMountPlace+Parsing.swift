import Operations

extension CacheMountPlace {
    /// Reads `ID=FILE`, `ID=type=local,src=FILE` (or `dest=`) or `ID=type=registry,ref=NAME`.
    static func parse(_ text: String, option: String) throws(OptionError) -> (id: String, place: CacheMountPlace) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .expectedPair(option: option, value: text)
        }
        guard parts[1].hasPrefix("type=") else { return (parts[0], .file(parts[1])) }
        let keys: Set = ["type", "ref", "src", "dest"]
        return (parts[0], try place(TypedAttributes(CSVFields(parts[1]), of: text, option: option, keys: keys)))
    }

    private static func place(_ attributes: TypedAttributes) throws(OptionError) -> CacheMountPlace {
        switch attributes.type {
        case "registry": return .registry(try attributes.reference(orThrow: attributes.invalid("`ref` is missing")))
        case "local":
            guard let path = attributes["src"] ?? attributes["dest"] else {
                throw attributes.invalid("`src` or `dest` is missing")
            }
            return .file(path)
        default: throw attributes.invalid("the types are local and registry")
        }
    }
}
