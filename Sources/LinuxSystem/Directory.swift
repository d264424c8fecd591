import CLinux
import Glibc

/// A directory by descriptor: every path given to it is relative to it, and resolving one never leaves it.
///
/// Paths are resolved by openat2(2), so that neither symbolic links, absolute or with `..`, nor a race with
/// somebody who renames directories leads outside. A leading `/` means this directory. What acts on a name acts
/// on it relative to its parent directory, which is resolved first; the name itself is then never followed unless
/// a function says so.
package struct Directory: ~Copyable, Sendable {
    /// The open directory.
    package let descriptor: FileDescriptor
    /// Where owners and devices are recorded; nil: they are the kernel's.
    package let ledger: OwnershipLedger?

    /// Takes a descriptor of a directory.
    package init(_ descriptor: consuming FileDescriptor, ledger: OwnershipLedger? = nil) {
        self.descriptor = FileDescriptor(owning: descriptor.release(), recordsOwner: ledger?.scope == .owners)
        self.ledger = ledger
    }

    /// How symbolic links in a path are treated.
    package enum Resolution: Sendable, Hashable {
        /// Followed as if this directory were the root: `/x` and `..` stay inside. For trees of images.
        case inRoot
        /// Followed, but a link that leads outside is an error (EXDEV).
        case beneath
        /// Any link in the path is an error (ELOOP).
        case noSymlinks

        var flags: UInt64 {
            switch self {
            case .inRoot: UInt64(CLINUX_IN_ROOT | CLINUX_NO_MAGICLINKS)
            case .beneath: UInt64(CLINUX_BENEATH | CLINUX_NO_MAGICLINKS)
            case .noSymlinks: UInt64(CLINUX_BENEATH | CLINUX_NO_SYMLINKS)
            }
        }
    }

    /// Opens a plain path, resolved as the process sees it.
    package static func open(_ path: Path) throws(SystemError) -> Directory {
        Directory(try FileDescriptor.open(path, [.readOnly, .directory]))
    }

    /// Opens a directory below this one.
    package func openDirectory(
        _ path: Path,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> Directory {
        Directory(try resolve(path, [.readOnly, .directory], mode: 0, resolution), ledger: ledger)
    }

    /// Opens a file below this directory; with `.create` it gets `mode` without the bits of the umask.
    package func openFile(
        _ path: Path,
        _ flags: OpenFlags = .readOnly,
        mode: UInt32 = 0o666,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> FileDescriptor {
        try resolve(path, flags, mode: mode, resolution)
    }

    /// A second descriptor of the same directory.
    package func duplicate() throws(SystemError) -> Directory {
        Directory(try descriptor.duplicate(), ledger: ledger)
    }

    /// A path that names this directory for calls that take no descriptor, while it stays open.
    package var procPath: Path { Path("/proc/self/fd/\(descriptor.raw)") }

    /// The path by which the kernel knows this directory now; only for messages and for handing on to other programs.
    package func currentPath() throws(SystemError) -> Path {
        try Directory.readLink(AT_FDCWD, procPath, path: procPath)
    }

    /// openat2(2), tried again when a rename raced with the resolution (EAGAIN).
    func resolve(
        _ path: Path,
        _ flags: OpenFlags,
        mode: UInt32,
        _ resolution: Resolution
    ) throws(SystemError) -> FileDescriptor {
        let relative = path.relative
        let name: Path = relative.isEmpty ? "." : relative
        let bits = flags.contains(.create) ? UInt64(mode & 0o7777) : 0
        var attempts = 0
        while true {
            do throws(SystemError) {
                let raw = try kernelCall("open", path) {
                    name.withCString {
                        clinux_openat2(
                            descriptor.raw,
                            $0,
                            UInt64(UInt32(bitPattern: flags.rawValue)),
                            bits,
                            resolution.flags
                        )
                    }
                }
                return FileDescriptor(owning: raw, recordsOwner: ledger?.scope == .owners)
            } catch  where error.code == EAGAIN && attempts < Directory.maximumAttempts {
                attempts += 1
            }
        }
    }

    /// More renames than this in a row during one resolution are an attack or a fault.
    private static let maximumAttempts = 128

    /// Runs `body` with the parent directory of `path`, resolved, and its last name as a C string.
    ///
    /// A path that is empty or ends in `.` or `..` is resolved as a whole and its name is `.`, so that `..` is
    /// never handed to a call that would leave the root.
    func withParent<R>(
        of path: Path,
        _ resolution: Resolution,
        _ body: (Int32, UnsafePointer<CChar>) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        if path.isPlainName {
            let raw = descriptor.raw
            return try path.withCString { pointer throws(SystemError) in try body(raw, pointer) }
        }
        guard let name = path.lastComponent, name != ".", name != ".." else {
            if path.components.allSatisfy({ $0 == "." }) { return try body(descriptor.raw, ".") }
            let whole = try resolve(path, [.pathOnly, .directory], mode: 0, resolution)
            return try body(whole.raw, ".")
        }
        let parent = path.parent.relative
        if parent.isEmpty {
            let raw = descriptor.raw
            return try name.withCString { pointer throws(SystemError) in try body(raw, pointer) }
        }
        let opened = try resolve(parent, [.pathOnly, .directory], mode: 0, resolution)
        let raw = opened.raw
        defer { withExtendedLifetime(opened) {} }
        return try name.withCString { pointer throws(SystemError) in try body(raw, pointer) }
    }

    /// A system call on a name relative to its resolved parent: 0, a count or -errno.
    @discardableResult
    func onName<T: SignedInteger>(
        _ operation: String,
        _ path: Path,
        _ resolution: Resolution,
        _ body: (Int32, UnsafePointer<CChar>) -> T
    ) throws(SystemError) -> T {
        do throws(SystemError) {
            return try withParent(of: path, resolution) { parent, name throws(SystemError) in
                try kernelCall(operation, path) { body(parent, name) }
            }
        } catch {
            // Whatever failed on the way, it is this operation on this path that did not work.
            throw SystemError(operation, path, code: error.code, detail: error.detail)
        }
    }
}
