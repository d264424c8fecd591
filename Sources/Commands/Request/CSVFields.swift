/// The fields of one option value in CSV form, as docker's flags take them (RFC 4180 quoting, spec/02 §2.1):
/// `type=image,"name=a,b"` has two fields.
package struct CSVFields: Hashable, Sendable {
    /// The fields in order, with quotes removed.
    package let fields: [String]

    /// Splits `text`; throws ``OptionError/malformedFields(_:)`` where a quote is not closed or stands inside a field.
    package init(_ text: String) throws(OptionError) {
        var fields: [String] = []
        var field = ""
        var rest = Substring(text)
        while true {
            if rest.first == "\"" {
                field = try Self.quotedField(&rest, of: text)
            } else {
                field = String(rest.prefix { $0 != "," })
                rest = rest.dropFirst(field.count)
                guard !field.contains("\"") else { throw .malformedFields(text) }
            }
            fields.append(field)
            guard rest.first == "," else { break }
            rest.removeFirst()
        }
        guard rest.isEmpty else { throw .malformedFields(text) }
        self.fields = fields
    }

    /// Reads a field that begins with a quote; `""` inside it is one quote.
    private static func quotedField(_ rest: inout Substring, of text: String) throws(OptionError) -> String {
        var field = ""
        rest.removeFirst()
        while let character = rest.popFirst() {
            guard character == "\"" else {
                field.append(character)
                continue
            }
            guard rest.first == "\"" else { return field }
            rest.removeFirst()
            field.append("\"")
        }
        throw .malformedFields(text)
    }

    /// The fields as `key=value` pairs, keys in lower case; a field without `=` has the value nil.
    package var pairs: [(key: String, value: String?)] {
        fields.map { field in
            guard let equals = field.firstIndex(of: "=") else { return (field.lowercased(), nil) }
            return (field[..<equals].lowercased(), String(field[field.index(after: equals)...]))
        }
    }
}
