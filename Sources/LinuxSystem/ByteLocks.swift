import CLinux
import Glibc

/// Locks between processes on single bytes of a file, which need not be there.
///
/// They belong to the open file (F_OFD_SETLK of kernel 3.15), not to the process: another value, in this process or
/// another, is somebody else. All are released with this value, or when the process ends, however it ends.
package struct ByteLocks: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// Locks on the file `path` of a directory, which is made where it is missing.
    package init(_ path: Path, in directory: borrowing Directory) throws(SystemError) {
        file = try directory.openFile(path, [.readWrite, .create], mode: 0o600)
    }

    /// Takes the lock on a byte if nobody else bars it; says whether it has it now.
    ///
    /// EINVAL where the kernel has no such locks.
    package func take(_ offset: Int64, _ mode: FileLock.Mode) throws(SystemError) -> Bool {
        let raw = file.raw
        do throws(SystemError) {
            _ = try kernelCall("lock") { clinux_lock_byte(raw, Int32(mode == .shared ? F_RDLCK : F_WRLCK), offset) }
            return true
        } catch  where error.code == EAGAIN || error.code == EACCES {
            return false
        }
    }

    /// Gives the lock on a byte up.
    package func release(_ offset: Int64) {
        _ = clinux_lock_byte(file.raw, Int32(F_UNLCK), offset)
    }

    /// Whether somebody else has a lock on a byte.
    package func isTaken(_ offset: Int64) throws(SystemError) -> Bool {
        let raw = file.raw
        return try kernelCall("ask for lock") { clinux_is_byte_locked(raw, offset) } != 0
    }
}
