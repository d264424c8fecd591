import LinuxSystem

/// Writes a canonical tar stream: the same entries give the same bytes, those of BuildKit (see ``TarHeader``).
///
/// Times are written in whole seconds, cut off; names of users and groups stay empty.
package struct TarWriter<Sink: ByteSink & ~Copyable>: ~Copyable {
    private var sink: Sink
    private var current: (path: Path, size: Int64, written: Int64)?

    /// Writes to `sink`, which ``finish()`` gives back.
    package init(_ sink: consuming Sink) {
        self.sink = sink
    }

    /// Begins an entry; a regular file's content must then be written completely.
    package mutating func append(_ entry: TarEntry) throws {
        try endEntry()
        guard entry.kind == .regular || entry.size == 0 else {
            throw ArchiveError.unrepresentable(entry: entry.path, field: "content")
        }
        try sink.write(TarHeader(entry).encoded())
        current = (entry.path, entry.size, 0)
    }

    /// Writes the next piece of the content of the entry.
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        if bytes.isEmpty { return }
        guard var entry = current else {
            throw ArchiveError.sizeMismatch(entry: "", announced: 0, written: Int64(bytes.count))
        }
        entry.written += Int64(bytes.count)
        guard entry.written <= entry.size else {
            throw ArchiveError.sizeMismatch(entry: entry.path, announced: entry.size, written: entry.written)
        }
        try sink.write(bytes)
        current = entry
    }

    /// Writes the next piece of the content of the entry.
    package mutating func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Appends a regular file with its whole content; `entry.size` is taken from it.
    package mutating func append(_ entry: TarEntry, content: [UInt8]) throws {
        var entry = entry
        entry.size = Int64(content.count)
        try append(entry)
        try write(content)
    }

    /// Writes the end of the archive, exactly two zero blocks, and gives the sink back.
    package consuming func finish() throws -> Sink {
        try endEntry()
        try sink.write([UInt8](repeating: 0, count: 2 * TarHeaderBlock.size))
        return sink
    }

    private mutating func endEntry() throws {
        guard let entry = current else { return }
        guard entry.written == entry.size else {
            throw ArchiveError.sizeMismatch(entry: entry.path, announced: entry.size, written: entry.written)
        }
        let padding = TarPadding.count(after: entry.size)
        if padding > 0 { try sink.write([UInt8](repeating: 0, count: padding)) }
        current = nil
    }
}
