import OCI

/// Turns events into the bytes to be written; the same events and times give the same bytes.
package protocol ProgressRenderer: Sendable {
    /// Returns what to write after `events`, which may be none, at the time `now`.
    mutating func render(_ events: [ProgressEvent], at now: Timestamp) -> [UInt8]
    /// Returns what to write at the end of the build, after the last events.
    mutating func finish(at now: Timestamp) -> [UInt8]
}

/// Shows nothing: the modes `quiet` and `none`.
package struct QuietRenderer: ProgressRenderer {
    /// A renderer that drops every event.
    package init() {}

    package mutating func render(_ events: [ProgressEvent], at now: Timestamp) -> [UInt8] { [] }

    package mutating func finish(at now: Timestamp) -> [UInt8] { [] }
}

/// The size of a terminal in characters.
package struct TerminalSize: Hashable, Sendable {
    package var width: Int
    package var height: Int

    /// A terminal of `width` columns and `height` lines.
    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}
