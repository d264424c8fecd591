import OCI

/// The value of an option in CSV form, of which one field is the type: `type=registry,ref=NAME`.
struct TypedAttributes {
    private let option: String
    private let text: String
    private let values: [String: String]

    /// Understands `fields`, which are those of `text` or of a part of it.
    ///
    /// Where there are `keys`, no others may be given, and each with a value.
    init(
        _ fields: CSVFields,
        of text: String,
        option: String,
        keys: Set<String>? = nil
    ) throws(OptionError) {
        self.option = option
        self.text = text
        var values: [String: String] = [:]
        for (key, value) in fields.pairs {
            if let keys, !keys.contains(key) || value?.isEmpty != false {
                throw .invalidValue(option: option, value: text, reason: "unexpected field `\(key)`")
            }
            guard let value else {
                throw .invalidValue(option: option, value: text, reason: "expected key=value, found `\(key)`")
            }
            values[key] = value
        }
        self.values = values
    }

    /// The type; nil where none is given.
    var type: String? { values["type"] }

    subscript(key: String) -> String? { values[key] }

    /// The attribute; nil where it is missing or empty.
    func text(_ key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }

    /// A boolean attribute; nil where it is missing.
    func flag(_ key: String) throws(OptionError) -> Bool? {
        guard let value = values[key] else { return nil }
        return try OutputSpecification.boolean(key, value)
    }

    /// The image that `ref` names; throws `missing` where there is none.
    func reference(orThrow missing: OptionError) throws(OptionError) -> ImageReference {
        guard let name = text("ref") else { throw missing }
        return try Self.reference(name)
    }

    /// The image of a name.
    static func reference(_ name: String) throws(OptionError) -> ImageReference {
        try BuildCommand.imageName(name, allowsDigest: true)
    }

    /// That the value is wrong.
    func invalid(_ reason: String) -> OptionError { invalid(text, reason) }

    /// That a part of the value is wrong.
    func invalid(_ part: String, _ reason: String) -> OptionError {
        .invalidValue(option: option, value: part, reason: reason)
    }
}
