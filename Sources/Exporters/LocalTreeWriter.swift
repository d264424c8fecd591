import Glibc
import LinuxSystem

/// Copies a result's tree to the caller's file system, without owners and devices; extended attributes as
/// far as the caller may set them (spec/04 §4.5).
struct LocalTreeWriter {
    let time: FileTime?
    /// Where the bytes of files are copied.
    let workers: WorkerThreads
    let cancellation: CancellationFlag
    /// Bytes of all files written.
    private(set) var bytes: Int64 = 0
    private var hardLinks = HardLinks()

    init(time: FileTime?, workers: WorkerThreads, cancellation: CancellationFlag) {
        self.time = time
        self.workers = workers
        self.cancellation = cancellation
    }

    /// Copies everything in `source` into `target`, an empty directory.
    mutating func copy(
        _ source: borrowing Directory,
        to target: borrowing Directory,
        progress: (Int64) -> Void
    ) throws {
        hardLinks = HardLinks()
        try copyContents(source, to: target, top: target, path: "", progress)
    }

    private mutating func copyContents(
        _ source: borrowing Directory,
        to target: borrowing Directory,
        top: borrowing Directory,
        path: Path,
        _ progress: (Int64) -> Void
    ) throws {
        try cancellation.check()
        for entry in try source.entries() {
            let status = try source.status(entry.name)
            let place = path.appending(entry.name)
            guard status.kind == .directory else {
                try copyEntry(status, entry.name, source, target, top: top, path: place)
                continue
            }
            // Another tree of the same output may have made it before.
            try target.makeDirectories(entry.name, mode: 0o700, .noSymlinks)
            let opened = try target.openDirectory(entry.name, .noSymlinks)
            let original = try source.openDirectory(entry.name, .noSymlinks)
            try copyContents(original, to: opened, top: top, path: place, progress)
            original.descriptor.copyContentAttributes(to: opened.descriptor)
            try opened.descriptor.setPermissions(status.permissions)
            try opened.descriptor.setTimes(modified: time ?? status.modified)
        }
        progress(bytes)
    }

    private mutating func copyEntry(
        _ status: FileStatus,
        _ name: Path,
        _ source: borrowing Directory,
        _ target: borrowing Directory,
        top: borrowing Directory,
        path: Path
    ) throws {
        // Device nodes need privileges of the host; sockets mean nothing without their server.
        guard [.regular, .symlink, .fifo].contains(status.kind) else { return }
        if let first = hardLinks.firstName(of: status, at: path) {
            return try top.link(first, to: path, .noSymlinks)
        }
        switch status.kind {
        case .regular:
            let file = SharedDescriptor(try source.openFile(name, [.readOnly, .noFollow]))
            let copy = SharedDescriptor(
                try target.openFile(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            )
            try workers.submit(size: status.size) { [time, cancellation] in
                try cancellation.check()
                try copyFile(from: file.descriptor, to: copy.descriptor)
                file.descriptor.copyContentAttributes(to: copy.descriptor)
                try copy.descriptor.setPermissions(status.permissions)
                try copy.descriptor.setTimes(modified: time ?? status.modified)
            }
            bytes += status.size
        case .symlink:
            try target.symlink(target: try source.readLink(name), at: name)
            try target.setTimes(name, modified: time ?? status.modified)
        case .fifo: try target.makeNode(name, kind: .fifo, mode: status.permissions)
        case .characterDevice, .blockDevice, .socket, .directory: return
        }
    }
}
