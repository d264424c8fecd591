/// Sizes as docker's flags write them: `64m`, `1.5g`, `100` (units of 1024; bytes without one).
package enum ByteSize {
    /// The number of bytes, or nil where `text` is no size.
    package static func parse(_ text: String) -> Int64? {
        var digits = Substring(text.lowercased())
        if digits.hasSuffix("b") { digits.removeLast() }
        if digits.hasSuffix("i") { digits.removeLast() }
        let units: [Character: Double] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50]
        var factor = 1.0
        if let last = digits.last, let unit = units[last] {
            factor = unit
            digits.removeLast()
        }
        guard let number = Double(digits), number >= 0, number * factor < 9e18 else { return nil }
        return Int64(number * factor)
    }
}
