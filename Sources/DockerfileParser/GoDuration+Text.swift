extension GoDuration: CustomStringConvertible {
    private static let units: KeyValuePairs<String, UInt64> = [
        "ns": 1, "us": 1000, "\u{B5}s": 1000, "\u{3BC}s": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    /// Parses what Go's `time.ParseDuration` reads, such as `1h15m30.918s`, `-1.5h` and `300ms`.
    package init(parsing text: String) throws(ParseError) {
        let invalid = ParseError("time: invalid duration \(text.goQuoted)", culprit: text)
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == ASCII.dash
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { throw invalid }
        if rest.elementsEqual("0".utf8) {
            self.init(nanoseconds: 0)
            return
        }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let (value, scale) = Self.takeNumber(&rest) else { throw invalid }
            let unit = rest.prefix { $0 != UInt8(ascii: ".") && !ASCII.isDigit($0) }
            guard !unit.isEmpty else {
                throw ParseError("time: missing unit in duration \(text.goQuoted)", culprit: text)
            }
            guard let factor = Self.units.first(where: { $0.key == unit.text })?.value else {
                throw ParseError(
                    "time: unknown unit \(unit.text.goQuoted) in duration \(text.goQuoted)",
                    culprit: text
                )
            }
            rest = rest[unit.endIndex...]
            let (product, overflow) = value.whole.multipliedReportingOverflow(by: factor)
            let fraction = UInt64(Double(value.fraction) * (Double(factor) / scale))
            guard !overflow, product <= 1 << 63, total <= 1 << 63, fraction <= 1 << 63, product + fraction <= 1 << 63
            else { throw invalid }
            total += product + fraction
            guard total <= 1 << 63 else { throw invalid }
        }
        guard total < 1 << 63 || isNegative else { throw invalid }
        self.init(nanoseconds: isNegative ? Int64(truncatingIfNeeded: 0 &- total) : Int64(total))
    }

    /// Takes digits with an optional fraction; `scale` is the power of ten of the fraction's digits.
    private static func takeNumber(
        _ rest: inout ArraySlice<UInt8>
    ) -> (value: (whole: UInt64, fraction: UInt64), scale: Double)? {
        let digits = rest.prefix(while: ASCII.isDigit)
        rest = rest[digits.endIndex...]
        guard digits.isEmpty || UInt64(digits.text) != nil else { return nil }
        let whole = UInt64(digits.text) ?? 0
        guard rest.first == UInt8(ascii: ".") else {
            if digits.isEmpty { return nil }
            return ((whole, 0), 1)
        }
        let decimals = rest.dropFirst().prefix(while: ASCII.isDigit)
        rest = rest[decimals.endIndex...]
        guard !digits.isEmpty || !decimals.isEmpty else { return nil }
        var fraction: UInt64 = 0
        var scale = 1.0
        // Digits that no longer fit are dropped, as Go does.
        for digit in decimals {
            guard fraction <= UInt64(Int64.max) / 10 else { break }
            fraction = fraction * 10 + UInt64(digit - 0x30)
            scale *= 10
        }
        return ((whole, fraction), scale)
    }

    /// As Go prints it: `1h0m0s`, `1.5s`, `100ms`, `0s`.
    package var description: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + Self.decimal(magnitude, unit: 1000) + "\u{B5}s"
        case ..<1_000_000_000: return sign + Self.decimal(magnitude, unit: 1_000_000) + "ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        let seconds = Self.decimal(magnitude % 60_000_000_000, unit: 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func decimal(_ value: UInt64, unit: UInt64) -> String {
        guard value % unit != 0 else { return "\(value / unit)" }
        var fraction = String(String(unit + value % unit).dropFirst())
        while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
        return "\(value / unit).\(fraction)"
    }
}
