/// Finds what a `--mount` mounts from, before its other values can be expanded.
enum MountOrigin {
    /// The value of the last `from=`, or nil.
    ///
    /// The text is comma separated with double quotes around fields; the parser
    /// has checked its form.
    static func name(in text: String) -> String? {
        var result: String?
        for field in fields(of: text) {
            let key = field.prefix { $0 != UInt8(ascii: "=") }
            guard key.count == 4, key.endIndex < field.endIndex,
                String(decoding: key, as: UTF8.self).lowercased() == "from"
            else { continue }
            let value = field[(key.endIndex + 1)...]
            result = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        }
        return result
    }

    private static func fields(of text: String) -> [[UInt8]] {
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: fields.append([])
            default: fields[fields.count - 1].append(byte)
            }
        }
        return fields
    }
}
