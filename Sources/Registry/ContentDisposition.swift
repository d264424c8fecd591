/// The `Content-Disposition` header (RFC 6266).
enum ContentDisposition {
    /// The file name that the header gives, whatever characters are in it; nil where it gives none.
    ///
    /// `filename*` in UTF-8 goes before `filename`.
    static func filename(_ header: String) -> String? {
        var plain: String?
        var extended: String?
        for parameter in parameters(header) {
            switch parameter.name {
            case "filename": plain = plain ?? parameter.value
            case "filename*": extended = extended ?? decoded(parameter.value)
            default: break
            }
        }
        return extended ?? plain
    }

    /// The parameters after the type, names in lower case and values without their quotes.
    private static func parameters(_ header: String) -> [(name: String, value: String)] {
        var parts: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in header {
            if isEscaped {
                parts[parts.count - 1].append(character)
                isEscaped = false
                continue
            }
            switch character {
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case ";" where !isQuoted: parts.append("")
            default: parts[parts.count - 1].append(character)
            }
        }
        return parts.dropFirst().compactMap { part in
            let pair = part.split(separator: "=", maxSplits: 1).map(trimmed)
            return pair.count == 2 ? (pair[0].lowercased(), pair[1]) : nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// The text of `UTF-8''percent-encoded` (RFC 8187); nil for another character set.
    private static func decoded(_ value: String) -> String? {
        let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(parts[2].utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
