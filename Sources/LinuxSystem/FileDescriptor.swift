import CLinux
import Glibc

/// An open file description that this value owns and closes.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for calls that want one; it must not be closed by others.
    package let raw: Int32
    /// Whether the file's owner is what its record says (``OwnershipLedger``) instead of what the kernel knows.
    package let recordsOwner: Bool

    /// Takes ownership of an open descriptor.
    package init(owning raw: Int32, recordsOwner: Bool = false) {
        self.raw = raw
        self.recordsOwner = recordsOwner
    }

    deinit {
        // Linux closes the number whatever close(2) returns, EINTR included.
        _ = Glibc.close(raw)
    }

    /// Opens a plain path, relative to the present directory; close-on-exec.
    package static func open(
        _ path: Path,
        _ flags: OpenFlags = .readOnly,
        mode: UInt32 = 0o666
    ) throws(SystemError) -> FileDescriptor {
        let raw = try kernelCall("open", path) {
            path.withCString { clinux_open(AT_FDCWD, $0, flags.rawValue, mode) }
        }
        return FileDescriptor(owning: raw)
    }

    /// A file that lives in memory and has no name.
    package static func inMemory(_ name: String = "swbuild") throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try kernelCall("create memory file") { clinux_memfd(name) })
    }

    /// Both ends of a new pipe, close-on-exec.
    package static func pipe() throws(SystemError) -> Pipe {
        var read: Int32 = -1
        var write: Int32 = -1
        _ = try kernelCall("create pipe") { clinux_pipe(&read, &write) }
        return Pipe(read: FileDescriptor(owning: read), write: FileDescriptor(owning: write))
    }

    /// Gives up ownership: the caller closes the number.
    package consuming func release() -> Int32 {
        let number = raw
        discard self
        return number
    }

    /// A second descriptor of the same open file, close-on-exec and never below 3.
    package func duplicate() throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try FileDescriptor.duplicate(raw), recordsOwner: recordsOwner)
    }

    static func duplicate(_ raw: Int32) throws(SystemError) -> Int32 {
        try libraryCall("duplicate descriptor") { fcntl(raw, F_DUPFD_CLOEXEC, 3) }
    }

    /// Reads up to the buffer's size; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try libraryCall("read") { Glibc.read(raw, buffer.baseAddress, buffer.count) }
    }

    /// Reads at an offset, without moving the file's position.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        try libraryCall("read") { Glibc.pread(raw, buffer.baseAddress, buffer.count, Int(offset)) }
    }

    /// Writes every byte.
    package func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        try Self.writeAll(bytes, to: raw)
    }

    static func writeAll(_ bytes: UnsafeRawBufferPointer, to raw: Int32) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = try libraryCall("write") { Glibc.write(raw, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes every byte at an offset, without moving the file's position.
    package func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
        var rest = bytes
        var position = offset
        while !rest.isEmpty {
            let count = try libraryCall("write") { Glibc.pwrite(raw, rest.baseAddress, rest.count, Int(position)) }
            position += Int64(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes every byte.
    package func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        let outcome: Result<Void, SystemError> = bytes.withUnsafeBytes { buffer in
            do throws(SystemError) {
                return .success(try writeAll(buffer))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// Everything from the present position to the end, at most `limit` bytes: longer files throw EFBIG.
    package func readAll(limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try libraryCall("read") { Glibc.read(raw, &chunk, chunk.count) }
            if count == 0 { return bytes }
            if bytes.count + count > limit { throw SystemError("read", code: EFBIG) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// The magic number of the filesystem that holds the file, as statfs(2) gives it; 0 where it cannot be asked.
    package var filesystemMagic: UInt64 { clinux_filesystem(raw) }

    /// The status of the open file.
    package func status() throws(SystemError) -> FileStatus {
        let status = try FileStatus.read(raw, "", follow: false, path: nil)
        return recordsOwner ? status.applying(OwnerRecord.read(raw, "") ?? OwnerRecord()) : status
    }

    /// Lets later calls wait, where the file was opened with O_NONBLOCK.
    package func makeBlocking() throws(SystemError) {
        let flags = try libraryCall("read flags") { fcntl(raw, F_GETFL) }
        _ = try libraryCall("set flags") { fcntl(raw, F_SETFL, flags & ~O_NONBLOCK) }
    }

    /// Moves the position to an offset from the start.
    package func seek(to offset: Int64) throws(SystemError) {
        _ = try libraryCall("seek") { lseek(raw, Int(offset), SEEK_SET) }
    }

    /// Cuts or extends the file to a size in bytes.
    package func truncate(to size: Int64) throws(SystemError) {
        _ = try libraryCall("truncate") { ftruncate(raw, Int(size)) }
    }

    /// Has the kernel read the beginning of a file, up to `size` bytes, while others do something else; a hint.
    package func readAhead(_ size: Int64) {
        _ = posix_fadvise(raw, 0, off_t(size), POSIX_FADV_WILLNEED)
    }

    /// Makes data and metadata of this file durable.
    package func sync() throws(SystemError) {
        _ = try libraryCall("sync") { fsync(raw) }
    }

    /// Makes everything of the filesystem that holds this file durable.
    package func syncFilesystem() throws(SystemError) {
        _ = try kernelCall("sync filesystem") { clinux_syncfs(raw) }
    }

    /// Sets the permissions of the open file.
    package func setPermissions(_ permissions: UInt32) throws(SystemError) {
        _ = try libraryCall("change mode") { fchmod(raw, permissions) }
    }

    /// Sets the owner of the open file.
    package func setOwner(uid: UInt32, gid: UInt32) throws(SystemError) {
        if recordsOwner {
            let record = OwnerRecord(uid: uid, gid: gid, device: OwnerRecord.read(raw, "")?.device)
            _ = try kernelCall("record owner") { record.write(raw, "") }
            return
        }
        _ = try libraryCall("change owner") { fchown(raw, uid, gid) }
    }

    /// Whether this is a terminal.
    package var isTerminal: Bool { isatty(raw) == 1 }
}

/// Both ends of a pipe.
package struct Pipe: ~Copyable, Sendable {
    package let read: FileDescriptor
    package let write: FileDescriptor
}

/// How to open a file; close-on-exec always applies.
package struct OpenFlags: OptionSet, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let readOnly = OpenFlags([])
    package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    package static let create = OpenFlags(rawValue: O_CREAT)
    package static let exclusive = OpenFlags(rawValue: O_EXCL)
    package static let truncate = OpenFlags(rawValue: O_TRUNC)
    package static let append = OpenFlags(rawValue: O_APPEND)
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    /// Does not wait for the other end of a fifo.
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    /// Only a place in the tree: no reading, no writing.
    ///
    /// 010000000 on all of Linux' architectures but a few old ones.
    package static let pathOnly = OpenFlags(rawValue: 0o10_000_000)
}
