import OCI

/// Something that happened to a vertex of a build.
package struct ProgressEvent: Hashable, Sendable {
    /// What happened.
    package enum Kind: Hashable, Sendable {
        /// The vertex is part of the build; it counts as one of those to come.
        case announced(name: String, inputs: [Digest])
        case started(name: String, inputs: [Digest])
        case completed
        /// The result was there; also ends a vertex that was started.
        case cached
        case failed(String)
        case canceled
        case log(LogStream, [UInt8])
        case status(ProgressStatus)
        case warning(ProgressWarning)
    }

    /// Which output of a process a log is from.
    package enum LogStream: Int, Hashable, Sendable {
        case output = 1
        case error = 2
    }

    package var time: Timestamp
    package var vertex: Digest
    package var kind: Kind

    /// What happened to `vertex` at `time`.
    package init(time: Timestamp, vertex: Digest, kind: Kind) {
        self.time = time
        self.vertex = vertex
        self.kind = kind
    }
}

/// A part of a vertex's work with progress of its own, for instance the transfer of one blob.
package struct ProgressStatus: Hashable, Sendable {
    /// The text shown; unique within the vertex.
    package var id: String
    /// Bytes done and, where it is known, to do; 0 is unknown.
    package var current: Int64
    package var total: Int64
    package var started: Timestamp
    package var completed: Timestamp?

    /// The state of the part `id`.
    package init(
        id: String,
        current: Int64 = 0,
        total: Int64 = 0,
        started: Timestamp,
        completed: Timestamp? = nil
    ) {
        self.id = id
        self.current = current
        self.total = total
        self.started = started
        self.completed = completed
    }
}

/// A warning about the build definition or about a step.
package struct ProgressWarning: Hashable, Sendable {
    /// One line.
    package var short: String
    package var detail: [String]
    package var url: String?
    package var level: Int
    /// The file that the warning is about, and its lines, counted from 1.
    package var file: String?
    package var lines: [ClosedRange<Int>]

    /// A warning of one line.
    package init(
        short: String,
        detail: [String] = [],
        url: String? = nil,
        level: Int = 1,
        file: String? = nil,
        lines: [ClosedRange<Int>] = []
    ) {
        self.short = short
        self.detail = detail
        self.url = url
        self.level = level
        self.file = file
        self.lines = lines
    }
}
