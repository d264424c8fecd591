import OCI

/// Times and durations as docker's commands show them.
enum ShownTime {
    /// How long ago, roughly: `3 minutes ago`.
    static func ago(_ seconds: Int64) -> String { HumanText.duration(seconds) + " ago" }

    /// A duration: `0.3s`, `2m  5s`.
    static func duration(_ nanoseconds: Int64) -> String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        if nanoseconds < 60_000_000_000 { return "\(tenths / 10).\(tenths % 10)s" }
        let seconds = nanoseconds / 1_000_000_000
        return "\(seconds / 60)m \(seconds % 60 < 10 ? " " : "")\(seconds % 60)s"
    }

    /// A moment as `2026-11-21 16:02:27`, in UTC.
    static func text(_ time: Timestamp) -> String {
        let text = "\(Timestamp(seconds: time.seconds))"
        return text.dropLast().split(separator: "T").joined(separator: " ") + " UTC"
    }
}

extension Timestamp {
    /// The moment so many nanoseconds later.
    func adding(nanoseconds more: Int64) -> Timestamp {
        let sum = Int64(nanoseconds) + more % 1_000_000_000
        return Timestamp(
            seconds: seconds + more / 1_000_000_000 + sum / 1_000_000_000,
            nanoseconds: Int32(sum % 1_000_000_000)
        )
    }
}
