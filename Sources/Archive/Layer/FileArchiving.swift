import LinuxSystem

// Files as entries.
extension TarEntry {
    /// The entry of a file, without attributes and link target; nil for a socket.
    init?(_ path: Path, _ status: FileStatus) {
        guard let kind = Kind(status.kind) else { return nil }
        self.init(
            path: path,
            kind: kind,
            permissions: status.permissions,
            uid: status.uid,
            gid: status.gid,
            size: kind == .regular ? status.size : 0,
            modified: status.modified
        )
        if kind == .characterDevice || kind == .blockDevice {
            deviceMajor = status.deviceMajor
            deviceMinor = status.deviceMinor
        }
    }
}

extension TarWriter where Sink: ~Copyable {
    /// Writes a regular file of `directory` with its content, through `buffer`.
    mutating func appendFile(
        _ entry: TarEntry,
        name: Path,
        in directory: borrowing Directory,
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws {
        try append(entry)
        if entry.size == 0 { return }
        let file = try attempt("open", entry.path) { () throws(SystemError) in
            // Non-blocking: should it have become a fifo, we do not wait for its other end.
            try directory.openFile(name, [.readOnly, .noFollow, .nonBlocking], .noSymlinks)
        }
        var rest = entry.size
        while rest > 0 {
            let count = try attempt("read", entry.path) { () throws(SystemError) in try file.read(into: buffer) }
            if count == 0 { break }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            rest -= Int64(count)
        }
    }
}
