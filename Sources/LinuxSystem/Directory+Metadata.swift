import CLinux
import Glibc

// Status, owner, mode and times of names.
extension Directory {
    /// The status of a name; of what a link leads to, inside this directory, if it shall be followed.
    package func status(
        _ path: Path,
        followSymlink: Bool = false,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> FileStatus {
        if followSymlink {
            let opened = try resolve(path, [.pathOnly], mode: 0, resolution)
            return recorded(try FileStatus.read(opened.raw, "", follow: false, path: path), "", in: opened.raw)
        }
        var raw = clinux_status()
        guard let ledger else {
            try onName("stat", path, resolution) { clinux_statx($0, $1, 0, &raw) }
            return FileStatus(raw)
        }
        return try withParent(of: path, resolution) { parent, name throws(SystemError) in
            _ = try kernelCall("stat", path) { clinux_statx(parent, name, 0, &raw) }
            return ledger.status(FileStatus(raw), of: name, in: parent)
        }
    }

    /// The status of a name, `nil` where it does not exist.
    package func statusIfExists(
        _ path: Path,
        followSymlink: Bool = false,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            return try status(path, followSymlink: followSymlink, resolution)
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// Sets the owner of a name without following it.
    package func setOwner(
        _ path: Path,
        uid: UInt32,
        gid: UInt32,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        if let ledger, ledger.scope == .owners {
            return try withParent(of: path, resolution) { parent, name throws(SystemError) in
                try ledger.setOwner(uid: uid, gid: gid, of: name, in: parent)
            }
        }
        try onName("change owner of", path, resolution) {
            fchownat($0, $1, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0
        }
    }

    /// Sets the permissions of a name without following it; a symbolic link has none (EOPNOTSUPP).
    package func setPermissions(
        _ path: Path,
        _ permissions: UInt32,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        try onName("change mode of", path, resolution) { clinux_fchmodat($0, $1, permissions) }
    }

    /// Sets the modification and access time of a name without following it.
    package func setTimes(
        _ path: Path,
        modified: FileTime,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        let time = timespec(tv_sec: Int(modified.seconds), tv_nsec: Int(modified.nanoseconds))
        try onName("change times of", path, resolution) { parent, name in
            var times = (time, time)
            return withUnsafePointer(to: &times) { pointer in
                pointer.withMemoryRebound(to: timespec.self, capacity: 2) {
                    utimensat(parent, name, $0, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0
                }
            }
        }
    }

    /// The target of a symbolic link.
    package func readLink(_ path: Path, _ resolution: Resolution = .inRoot) throws(SystemError) -> Path {
        var buffer = [UInt8](repeating: 0, count: 4097)
        let count = try onName("read link", path, resolution) { parent, name in
            buffer.withUnsafeMutableBytes { bytes in
                clinux_readlink(parent, name, bytes.baseAddress, 4096)
            }
        }
        return Path(bytes: Array(buffer[..<count]))
    }

    /// The target of a link by plain path or relative to a raw descriptor.
    static func readLink(_ directory: Int32, _ name: Path, path: Path) throws(SystemError) -> Path {
        var buffer = [UInt8](repeating: 0, count: 4097)
        let count = try kernelCall("read link", path) {
            buffer.withUnsafeMutableBytes { bytes in
                name.withCString { clinux_readlink(directory, $0, bytes.baseAddress, 4096) }
            }
        }
        return Path(bytes: Array(buffer[..<count]))
    }

    /// The whole content of a file, at most `limit` bytes (EFBIG above).
    package func readFile(
        _ path: Path,
        limit: Int = 64 << 20,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> [UInt8] {
        // A fifo must not hang the reader.
        let file = try openFile(path, [.readOnly, .nonBlocking], resolution)
        let kind = try file.status().kind
        guard kind == .regular else {
            throw SystemError("read", path, code: kind == .directory ? EISDIR : EINVAL)
        }
        return try file.readAll(limit: limit)
    }

    /// Writes a file in place, making it or cutting it first; not atomic.
    package func writeFile(
        _ path: Path,
        _ bytes: [UInt8],
        mode: UInt32 = 0o644,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        let file = try openFile(path, [.writeOnly, .create, .truncate], mode: mode, resolution)
        try file.writeAll(bytes)
    }

    /// Replaces a file of this directory in one step, with one of mode 0600: who reads finds the old bytes or the new ones.
    ///
    /// Whoever writes last wins; it is not synced.
    package func replaceFile(_ name: Path, with bytes: [UInt8]) throws(SystemError) {
        let temporary = Path("\(name).\(UInt32.random(in: 0...UInt32.max))")
        do throws(SystemError) {
            try writeFile(temporary, bytes, mode: 0o600, .noSymlinks)
            try rename(temporary, to: name)
        } catch {
            try? remove(temporary)
            throw error
        }
    }
}
