/// A JSON document whose keys keep their order, written with exactly the bytes that Go's encoder writes.
package enum JSONText: Sendable {
    case object([(String, JSONText)])
    case array([JSONText])
    case string(String)
    case integer(Int64)
    case bool(Bool)
    case null

    /// Returns an object of strings, sorted by the bytes of the keys as Go sorts a map.
    package static func map(_ values: [String: String]) -> JSONText {
        .object(sortedByBytes(values.keys).map { ($0, .string(values[$0] ?? "")) })
    }

    /// Returns an object with an empty object for each name, as Go writes a `map[string]struct{}`.
    package static func set(_ names: Set<String>) -> JSONText {
        .object(sortedByBytes(names).map { ($0, .object([])) })
    }

    /// Returns an array of strings.
    package static func strings(_ values: [String]) -> JSONText {
        .array(values.map { .string($0) })
    }

    /// Returns the document without any white space.
    package func compact() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, indentation: nil)
        return output
    }

    /// Returns the document indented by two spaces, without a newline at the end.
    package func indented() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, indentation: 0)
        return output
    }

    private func write(to output: inout [UInt8], indentation: Int?) {
        switch self {
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &output, indentation) { member, output, inner in
                Self.write(string: member.0, to: &output)
                output.append(contentsOf: (inner == nil ? ":" : ": ").utf8)
                member.1.write(to: &output, indentation: inner)
            }
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), to: &output, indentation) { element, output, inner in
                element.write(to: &output, indentation: inner)
            }
        case .string(let text): Self.write(string: text, to: &output)
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: output.append(contentsOf: "null".utf8)
        }
    }

    private static func write<Element>(
        _ elements: [Element],
        between brackets: (open: Unicode.Scalar, close: Unicode.Scalar),
        to output: inout [UInt8],
        _ indentation: Int?,
        _ body: (Element, inout [UInt8], Int?) -> Void
    ) {
        output.append(UInt8(ascii: brackets.open))
        let inner = indentation.map { $0 + 1 }
        for (position, element) in elements.enumerated() {
            if position > 0 {
                output.append(UInt8(ascii: ","))
            }
            newline(to: &output, inner)
            body(element, &output, inner)
        }
        if !elements.isEmpty {
            newline(to: &output, indentation)
        }
        output.append(UInt8(ascii: brackets.close))
    }

    private static func newline(to output: inout [UInt8], _ indentation: Int?) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indentation))
    }

    /// Escapes as Go does with HTML escaping on: `&`, `<`, `>` and the two line separators too.
    private static func write(string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if string.utf8.allSatisfy(isPlain) {
            output.append(contentsOf: string.utf8)
            output.append(UInt8(ascii: "\""))
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": output += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
            case "\n": output.append(contentsOf: "\\n".utf8)
            case "\r": output.append(contentsOf: "\\r".utf8)
            case "\t": output.append(contentsOf: "\\t".utf8)
            case "\u{08}": output.append(contentsOf: "\\b".utf8)
            case "\u{0c}": output.append(contentsOf: "\\f".utf8)
            case "\u{00}"..."\u{1f}", "&", "<", ">", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                output.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex)".utf8)
            default: output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

/// Whether a byte stands for itself in a string: printable ASCII that is not escaped.
private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"): false
    default: byte >= 0x20 && byte < 0x7f
    }
}

/// Swift orders strings by their canonical form; Go, and so every document here, by their bytes.
private func sortedByBytes(_ names: some Sequence<String>) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
