/// Sizes in bytes as users write them: `64m`, `1.5g`, `2GiB`; all units are binary.
package enum ByteSize {
    /// The number of bytes, or nil where the text is no size or too large.
    package static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard let last = bytes.lastIndex(where: { ASCII.isDigit($0) || $0 == UInt8(ascii: ".") || $0 == ASCII.space })
        else { return nil }
        let number = bytes[last] == ASCII.space ? bytes[..<last] : bytes[...last]
        guard let first = number.first, ASCII.isDigit(first) || first == UInt8(ascii: "."),
            !number.contains(UInt8(ascii: "x")), let value = Double(number.text), value.isFinite, value >= 0,
            let factor = factor(of: bytes[(last + 1)...].text.lowercased())
        else { return nil }
        let size = value * factor
        return size < 0x1p63 ? Int64(size) : nil
    }

    private static func factor(of suffix: String) -> Double? {
        guard !suffix.isEmpty, suffix != "b" else { return 1 }
        guard let unit = suffix.utf8.first, let power = Array("kmgtpezy".utf8.prefix(5)).firstIndex(of: unit),
            ["", "b", "ib"].contains(suffix.dropFirst())
        else { return nil }
        return (0...power).reduce(1.0) { factor, _ in factor * 1024 }
    }
}
