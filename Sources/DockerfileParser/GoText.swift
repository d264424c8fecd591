extension String {
    /// The text in double quotes as Go's `%q` writes it.
    package var goQuoted: String {
        var result = "\""
        for scalar in unicodeScalars { result += scalar.goEscaped }
        return result + "\""
    }

    /// The truth value that Go's `strconv.ParseBool` reads, or nil.
    var goBool: Bool? {
        switch self {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }
}

extension Unicode.Scalar {
    fileprivate var goEscaped: String {
        switch value {
        case 0x07: "\\a"
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0B: "\\v"
        case 0x0C: "\\f"
        case 0x0D: "\\r"
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case 0x20..<0x7F: String(self)
        case ..<0x80: "\\x" + hex(2)
        case _ where isGoPrintable: String(self)
        case ..<0x10000: "\\u" + hex(4)
        default: "\\U" + hex(8)
        }
    }

    private var isGoPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }

    private func hex(_ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
