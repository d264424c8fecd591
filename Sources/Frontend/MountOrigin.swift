/// Finds what a `--mount` mounts from, before its other values can be expanded.
enum MountOrigin {
    /// The value of the last `from=`, or nil.
    ///
    /// The text is comma separated with double quotes around fields; the parser
    /// has checked its form.
    static func name(in text: String) -> String? {
        var result: String?
        for field in fields(of: text) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].lowercased() == "from" else { continue }
            result = parts[1].isEmpty ? nil : String(parts[1])
        }
        return result
    }

    private static func fields(of text: String) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
