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

/// Remembers under which name a file with several names was written first.
struct HardLinks {
    private struct File: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private var first: [File: Path] = [:]

    /// The first name; nil, and remembers `path`, if this is the first.
    mutating func firstName(of status: FileStatus, at path: Path) -> Path? {
        guard status.links > 1, status.kind != .directory else { return nil }
        let file = File(device: status.device, inode: status.inode)
        if let name = first[file] { return name }
        first[file] = path
        return nil
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
