import CLinux
import Glibc

/// A process of a step, as who answers its system calls must see it: its memory, and what its paths mean.
package struct CallingProcess: Hashable, Sendable {
    /// The thread, as this process's namespace numbers it.
    package let id: pid_t
    /// Its root directory where that is known, else -1: somebody else's descriptor.
    private let knownRoot: Int32

    package init(id: pid_t, root: Int32 = -1) {
        self.id = id
        knownRoot = root
    }

    // MARK: Memory

    /// Bytes of its memory.
    package func bytes(_ address: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        if count == 0 { return bytes }
        let read = try kernelCall("read memory") { clinux_process_read(id, address, &bytes, count) }
        if read != count { throw SystemError("read memory", code: EFAULT) }
        return bytes
    }

    /// Copies bytes into its memory.
    package func write(_ address: UInt64, _ bytes: [UInt8]) throws(SystemError) {
        let count = try kernelCall("write memory") { clinux_process_write(id, address, bytes, bytes.count) }
        if count != bytes.count { throw SystemError("write memory", code: EFAULT) }
    }

    /// A path or another text of at most 4095 bytes.
    package func path(_ address: UInt64) throws(SystemError) -> Path {
        let result = withUnsafeTemporaryAllocation(byteCount: Int(CLINUX_PATH), alignment: 8) { buffer in
            let text = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let count = clinux_process_text(id, address, text, buffer.count)
            return count < 0
                ? .failure(SystemError("read path", code: Int32(-count)))
                : Result<Path, SystemError>.success(Path(bytes: Array(buffer[..<count])))
        }
        return try result.get()
    }

    // MARK: Files

    /// Its root directory, for `open`.
    package static let root = Int32(CLINUX_PROCESS_ROOT)
    /// Its working directory, for `open`.
    package static let workingDirectory = AT_FDCWD

    /// Opens what `path` means to this process, relative to its descriptor `directory`.
    ///
    /// An empty path is the descriptor itself, opened as a place. Links are followed inside the process's root; those of
    /// proc that lead to open files are refused (ELOOP), and `/proc/self` is not the process's.
    package func open(
        _ path: Path,
        relativeTo directory: Int32 = CallingProcess.workingDirectory,
        _ flags: OpenFlags,
        mode: UInt32 = 0
    ) throws(SystemError) -> FileDescriptor {
        let raw = try kernelCall("open", path) {
            path.withCString {
                clinux_process_open(
                    id,
                    knownRoot,
                    directory,
                    $0,
                    UInt64(UInt32(bitPattern: flags.rawValue)),
                    UInt64(mode)
                )
            }
        }
        return FileDescriptor(owning: raw)
    }

    /// The record of what one of its descriptors stands for, or of its working directory.
    package func record(ofDescriptor directory: Int32) -> OwnerRecord? {
        withUnsafeTemporaryAllocation(byteCount: OwnerRecord.maximumSize, alignment: 8) { buffer in
            let count = clinux_process_record(
                id,
                directory,
                OwnerRecord.attributeName,
                buffer.baseAddress,
                buffer.count
            )
            return count > 0 ? OwnerRecord(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
        }
    }

    /// What the kernel lets it do with files.
    package struct FileAccess: Hashable, Sendable {
        /// Whose its new files are.
        package var uid: UInt32 = 0
        package var gid: UInt32 = 0
        /// The bits that its new files do not get.
        package var mask: UInt32 = 0o022
        /// Its effective capabilities, as a mask of their numbers.
        package var capabilities: UInt64 = 0
    }

    /// What the kernel knows of it: not what a ledger says.
    package func fileAccess() throws(SystemError) -> FileAccess {
        var access = FileAccess()
        let text = try FileDescriptor.open(Path("/proc/\(id)/status")).readAll(limit: 1 << 16)
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            guard words.count > 1 else { continue }
            switch words[0] {
            case "Umask:": access.mask = UInt32(words[1], radix: 8) ?? access.mask
            case "CapEff:": access.capabilities = UInt64(words[1], radix: 16) ?? 0
            // Real, effective, saved, and that of the file system.
            case "Uid:" where words.count == 5: access.uid = UInt32(words[4]) ?? 0
            case "Gid:" where words.count == 5: access.gid = UInt32(words[4]) ?? 0
            default: continue
            }
        }
        return access
    }

    /// The bits that its new files do not get.
    package func fileMask() throws(SystemError) -> UInt32 { try fileAccess().mask }

    // MARK: Itself

    /// Opens one of its files in proc.
    package func openInformation(_ name: Path, _ flags: OpenFlags = .readOnly) throws(SystemError) -> FileDescriptor {
        try FileDescriptor.open(information(name), flags)
    }

    /// The target of one of its links in proc, as it is seen from its root; ENOENT for what is outside of it.
    package func link(_ name: Path) throws(SystemError) -> Path {
        let target = try Directory.readLink(AT_FDCWD, information(name), path: name)
        // `pipe:[17]` and the like.
        guard target.isAbsolute else { return target }
        let root = try Directory.readLink(AT_FDCWD, information("root"), path: "root")
        if root == "/" || target == root { return target == root ? "/" : target }
        guard target.isWithin(root) else { throw SystemError("read link", name, code: ENOENT) }
        return Path(bytes: Array(target.bytes.dropFirst(root.bytes.count)))
    }

    /// The flags of open(2) of one of its descriptors.
    package func flags(of descriptor: Int32) throws(SystemError) -> Int32 {
        let text = try openInformation(Path("fdinfo/\(descriptor)")).readAll(limit: 1 << 16)
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "flags:".utf8) {
            let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            if words.count == 2, let flags = Int32(words[1], radix: 8) { return flags }
        }
        throw SystemError("read flags", code: EBADF)
    }

    private func information(_ name: Path) -> Path { Path("/proc/\(id)").appending(name) }

    // MARK: Limits

    /// A resource limit: soft and hard.
    package func limit(_ resource: Int32) throws(SystemError) -> (soft: UInt64, hard: UInt64) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        _ = try kernelCall("read limit") { clinux_process_limit(id, resource, &soft, &hard) }
        return (soft, hard)
    }

    /// Sets a resource limit; lowering and raising the soft one up to the hard one needs no privilege.
    package func setLimit(_ resource: Int32, soft: UInt64, hard: UInt64) throws(SystemError) {
        _ = try kernelCall("set limit") { clinux_process_set_limit(id, resource, soft, hard) }
    }
}
