import LinuxSystem

/// Writes the entries of a layer diff.
struct DiffOutput: ~Copyable {
    let comparison = LayerComparison()
    private let epoch: Int64?
    private var links = HardLinks()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)

    init(epoch: Int64?) {
        self.epoch = epoch
    }

    deinit {
        buffer.deallocate()
    }

    /// Writes the directories above the present place that nothing needed before.
    func directories<Sink: ByteSink & ~Copyable>(
        _ levels: inout DiffLevels,
        to writer: inout TarWriter<Sink>
    ) throws {
        for header in levels.headers() { try writer.append(clamped(header)) }
    }

    /// Writes whiteouts of names in the last directory: empty files without mode, owner or time.
    func deletions<Sink: ByteSink & ~Copyable>(
        _ names: [Path],
        in levels: inout DiffLevels,
        to writer: inout TarWriter<Sink>
    ) throws {
        for name in names {
            try directories(&levels, to: &writer)
            let path = levels.last.path.appending(WhiteoutName.hiding(name))
            try writer.append(TarEntry(path: path, kind: .regular, permissions: 0))
        }
    }

    /// Writes a file that is no directory, as a link if it was written under another name before.
    mutating func file<Sink: ByteSink & ~Copyable>(
        _ header: TarEntry,
        _ entry: WalkEntry,
        in directory: borrowing Directory,
        to writer: inout TarWriter<Sink>
    ) throws {
        var header = clamped(header)
        if let first = links.firstName(of: entry.status, at: entry.path) {
            header.kind = .hardLink
            header.linkTarget = first
            header.size = 0
        }
        if header.kind == .regular {
            try writer.appendFile(header, name: entry.name, in: directory, buffer)
        } else {
            try writer.append(header)
        }
    }

    /// Whole seconds, and none later than the epoch.
    private func clamped(_ header: TarEntry) -> TarEntry {
        var header = header
        header.modified = FileTime(seconds: min(header.modified.seconds, epoch ?? .max))
        return header
    }
}
