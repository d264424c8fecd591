import Archive
import LinuxSystem
import OCI

/// Writes the listing of one content; what is not finished leaves nothing.
package struct ContentListingWriter: ~Copyable {
    private let home: Directory
    private let temporary: Path
    private var sink: CompressingSink<FileSink>?
    private var fields = FieldWriter()
    private var previous: Path = ""
    private var size = 0

    init(_ home: consuming Directory) throws {
        temporary = Path(".\(randomName())")
        let file = try home.openFile(temporary, [.writeOnly, .create, .exclusive], mode: 0o600, .noSymlinks)
        sink = try CompressingSink(FileSink(file), compression: .zstd, level: 1, threads: 1)
        self.home = home
        ContentListingCoder.begin(&fields)
    }

    deinit { try? home.removeTree(temporary) }

    /// Adds an entry; beyond the limit nothing more is written, and the listing never appears.
    package mutating func append(_ entry: ContentEntry) throws {
        ContentListingCoder.append(entry, after: previous, to: &fields)
        previous = entry.path
        if fields.bytes.count > 1 << 16 { try flush() }
    }

    private mutating func flush() throws {
        size += fields.bytes.count
        if size <= ContentListings.limit {
            try sink?.write(fields.bytes)
        } else {
            sink = nil
        }
        fields.removeAll()
    }

    /// Makes the listing visible as that of `content`.
    package consuming func finish(_ content: Digest) throws {
        ContentListingCoder.finish(&fields)
        try flush()
        guard let sink = sink.take() else { return }
        _ = try sink.finish().finish()
        try home.rename(temporary, to: Path(content.hex))
    }
}
