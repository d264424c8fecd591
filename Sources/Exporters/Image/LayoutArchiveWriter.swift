import Archive
import LinuxSystem
import OCI
import Storage

/// Writes a layout as one tar archive: directories first, then the files by name, all times zero.
struct LayoutArchiveWriter {
    let store: ContentStore
    let cancellation: CancellationFlag

    /// Writes `contents` to `destination`, which appears when it is complete.
    func write(_ contents: LayoutContents, to destination: OutputFile.Destination) throws {
        let output = try OutputFile(destination)
        var writer = TarWriter(FileSink(try output.descriptor.duplicate()))
        for directory in ["blobs", "blobs/sha256"] {
            try writer.append(TarEntry(path: Path(directory + "/"), kind: .directory, permissions: 0o755))
        }
        for entry in contents.entries {
            try cancellation.check()
            let header = TarEntry(
                path: Path(entry.path),
                kind: .regular,
                permissions: entry.mode,
                size: entry.size
            )
            try writer.append(header)
            switch entry.content {
            case .bytes(let bytes): try writer.write(bytes)
            case .blob(let descriptor): try copy(descriptor, to: &writer)
            }
        }
        let sink = try writer.finish()
        _ = try sink.finish()
        try output.finish()
    }

    private func copy<Sink: ByteSink & ~Copyable>(
        _ descriptor: Descriptor,
        to writer: inout TarWriter<Sink>
    ) throws {
        var source = try store.reader(descriptor.digest, size: descriptor.size)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { return }
            try cancellation.check()
            try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
