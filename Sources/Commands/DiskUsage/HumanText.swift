/// Sizes and times in the words of docker's commands.
enum HumanText {
    /// Bytes in decimal units with four significant digits: `8.224kB`, `318MB`.
    static func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return fourDigits(value) + units[unit]
    }

    /// As Go's `%.4g` prints a number below 10,000 that is not negative.
    private static func fourDigits(_ value: Double) -> String {
        let decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let digits = Int64((value * scale).rounded(.toNearestOrEven))
        let whole = digits / Int64(scale)
        let padded = String(String(digits % Int64(scale) + Int64(scale)).dropFirst())
        let fraction = padded.trimmingSuffix { $0 == "0" }
        return fraction.isEmpty ? "\(whole)" : "\(whole).\(fraction)"
    }

    /// How long something took or has been ago: `About a minute`, `4 hours`.
    static func duration(_ seconds: Int64) -> String {
        let hours = (seconds + 1800) / 3600
        switch seconds {
        case ..<1: return "Less than a second"
        case 1: return "1 second"
        case ..<60: return "\(seconds) seconds"
        case ..<120: return "About a minute"
        case ..<3600: return "\(seconds / 60) minutes"
        default: break
        }
        switch hours {
        case 1: return "About an hour"
        case ..<48: return "\(hours) hours"
        case ..<(24 * 7 * 2): return "\(hours / 24) days"
        case ..<(24 * 30 * 2): return "\(hours / 24 / 7) weeks"
        case ..<(24 * 365 * 2): return "\(hours / 24 / 30) months"
        default: return "\(hours / 24 / 365) years"
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ isDropped: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isDropped(last) { text.removeLast() }
        return text
    }
}
