import OCI

extension Timestamp {
    /// How long after `start` this is; negative before it.
    package func nanoseconds(since start: Timestamp) -> Int64 {
        (seconds - start.seconds) * 1_000_000_000 + Int64(nanoseconds) - Int64(start.nanoseconds)
    }
}

/// Figures as progress shows them.
enum Figures {
    /// Seconds with `decimals` digits after the point, rounded.
    static func seconds(_ nanoseconds: Int64, decimals: Int) -> String {
        let unit = power(of: 10, 9 - decimals)
        let rounded = (max(0, nanoseconds) + unit / 2) / unit
        let scale = power(of: 10, decimals)
        let fraction = String(rounded % scale)
        return "\(rounded / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// The seconds in front of a line of log: the longer it takes, the less precise.
    static func logTime(_ nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<10_000_000_000: seconds(nanoseconds, decimals: 3)
        case ..<100_000_000_000: seconds(nanoseconds, decimals: 2)
        default: seconds(nanoseconds, decimals: 1)
        }
    }

    /// Bytes in decimal units with two decimals, below 1 kB as a plain integer: `12B`, `3.62MB`.
    static func bytes(_ count: Int64) -> String {
        guard count >= 1000 else { return "\(max(0, count))B" }
        var divisor: Int64 = 1000
        var unit = "kB"
        for larger in ["MB", "GB", "TB", "PB", "EB"] where count / divisor >= 1000 {
            divisor *= 1000
            unit = larger
        }
        let whole = count / divisor
        let hundredths = (count % divisor + divisor / 200) / (divisor / 100)
        let carried = whole + hundredths / 100
        let fraction = hundredths % 100
        return "\(carried).\(fraction < 10 ? "0" : "")\(fraction)\(unit)"
    }

    /// `current / total`, or `current` alone; empty where there is nothing to count.
    static func progress(_ status: ProgressStatus) -> String {
        if status.total != 0 {
            return "\(bytes(status.current)) / \(bytes(status.total))"
        }
        return status.current != 0 ? bytes(status.current) : ""
    }

    private static func power(of base: Int64, _ exponent: Int) -> Int64 {
        repeatElement(base, count: exponent).reduce(1, *)
    }
}
