/// A span of time as Go writes it (`1h15m30.918s`), in nanoseconds.
package struct GoDuration: Hashable, Sendable, Comparable {
    /// The length in nanoseconds; negative for spans before.
    package let nanoseconds: Int64

    /// No time at all.
    package static let zero = GoDuration(nanoseconds: 0)

    /// A span of so many nanoseconds.
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: GoDuration, right: GoDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
