import CLinux
import Glibc

/// A lock between processes on a file (flock); released when this value ends, or the process does.
///
/// A duplicate of the descriptor does not keep it.
package struct FileLock: ~Copyable, Sendable {
    /// Who may hold it at the same time.
    package enum Mode: Sendable, Hashable {
        case shared
        case exclusive

        var operation: Int32 { self == .shared ? LOCK_SH : LOCK_EX }
    }

    /// The locked file.
    package let descriptor: FileDescriptor

    /// Waits for the lock on the file `path` of a directory, which is made where it is missing.
    package static func acquire(
        _ path: Path,
        in directory: borrowing Directory,
        _ mode: Mode
    ) throws(SystemError) -> FileLock {
        while true {
            if let lock = try attempt(path, in: directory, mode.operation) { return lock }
        }
    }

    /// Takes the lock if nobody holds it in a way that excludes this; `nil` otherwise.
    package static func tryAcquire(
        _ path: Path,
        in directory: borrowing Directory,
        _ mode: Mode
    ) throws(SystemError) -> FileLock? {
        while true {
            do throws(SystemError) {
                if let lock = try attempt(path, in: directory, mode.operation | LOCK_NB) { return lock }
            } catch  where error.code == EWOULDBLOCK {
                return nil
            }
        }
    }

    /// Waits for the lock on an open file or directory.
    package static func acquire(on descriptor: consuming FileDescriptor, _ mode: Mode) throws(SystemError) -> FileLock {
        let raw = descriptor.raw
        _ = try kernelCall("lock") { clinux_flock(raw, mode.operation) }
        return FileLock(descriptor: descriptor)
    }

    /// Takes the lock on an open file or directory if nobody else has it; `nil` otherwise.
    package static func tryAcquire(
        on descriptor: consuming FileDescriptor,
        _ mode: Mode
    ) throws(SystemError) -> FileLock? {
        let raw = descriptor.raw
        do throws(SystemError) {
            _ = try kernelCall("lock") { clinux_flock(raw, mode.operation | LOCK_NB) }
        } catch  where error.code == EWOULDBLOCK {
            return nil
        }
        return FileLock(descriptor: descriptor)
    }

    /// Makes the lock exclusive or shared if nobody else is in the way; without success it is shared.
    ///
    /// Not atomic: between the two, others may have it.
    package func change(to mode: Mode) throws(SystemError) -> Bool {
        let raw = descriptor.raw
        do throws(SystemError) {
            _ = try kernelCall("lock") { clinux_flock(raw, mode.operation | LOCK_NB) }
            return true
        } catch  where error.code == EWOULDBLOCK {
            // The kernel gives up the old lock before it tries the new one.
            _ = try kernelCall("lock") { clinux_flock(raw, LOCK_SH) }
            return false
        }
    }

    deinit {
        // Closing is not enough where a child process that was just forked holds the file open until it executes.
        _ = clinux_flock(descriptor.raw, LOCK_UN)
    }

    /// `nil` if the file was replaced or removed between opening and locking.
    private static func attempt(
        _ path: Path,
        in directory: borrowing Directory,
        _ operation: Int32
    ) throws(SystemError) -> FileLock? {
        let file = try directory.openFile(path, [.readWrite, .create], mode: 0o600)
        let raw = file.raw
        _ = try kernelCall("lock", path) { clinux_flock(raw, operation) }
        let locked = try file.status()
        guard let present = try directory.statusIfExists(path, followSymlink: true),
            present.identity == locked.identity
        else { return nil }
        return FileLock(descriptor: file)
    }
}
