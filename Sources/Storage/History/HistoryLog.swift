import Archive
import LinuxSystem
import OCI

/// A piece of what a step wrote.
package struct HistoryLogEntry: Hashable, Sendable {
    /// The index of the step in the build's record.
    package var step: Int
    /// 1 for standard output, 2 for standard error.
    package var stream: Int
    /// Nanoseconds from the start of the build.
    package var time: Int64
    package var bytes: [UInt8]

    package init(step: Int, stream: Int, time: Int64, bytes: [UInt8]) {
        self.step = step
        self.stream = stream
        self.time = time
        self.bytes = bytes
    }
}

/// The form of a build's log: zstd of entries, each four numbers (step, stream, time, length) and the bytes.
enum HistoryLog {
    /// More is never written, and never read, in bytes.
    static let limit = 16 << 20

    static func encoded(_ entries: [HistoryLogEntry]) throws -> [UInt8] {
        var fields = FieldWriter()
        for entry in entries {
            fields.append(number: UInt64(entry.step))
            fields.append(number: UInt64(entry.stream))
            fields.append(number: UInt64(max(0, entry.time)))
            fields.append(number: UInt64(entry.bytes.count))
            fields.append(entry.bytes)
        }
        var sink = try CompressingSink(MemorySink(), compression: .zstd, threads: 1)
        try sink.write(fields.bytes)
        return try sink.finish().bytes
    }

    /// What can be read of a log; a damaged one ends early.
    static func decoded(_ file: consuming FileDescriptor) throws -> [HistoryLogEntry] {
        var source = FieldSource(try DecompressingSource(FileSource(file), layer: .zstd), limit: limit)
        var entries: [HistoryLogEntry] = []
        while let step = try source.number() {
            guard let stream = try source.number(), let time = try source.number(), let count = try source.number(),
                let bytes = try source.bytes(Int(truncatingIfNeeded: count))
            else { return entries }
            let place = Int(truncatingIfNeeded: step)
            let time64 = Int64(truncatingIfNeeded: time)
            entries.append(HistoryLogEntry(step: place, stream: stream == 2 ? 2 : 1, time: time64, bytes: bytes))
        }
        return entries
    }
}
