import CLinux
import Glibc

// Making, renaming and removing names.
extension Directory {
    /// Makes a directory; `mode` is set exactly, whatever the umask.
    package func makeDirectory(
        _ path: Path,
        mode: UInt32 = 0o755,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        try onName("make directory", path, resolution) { parent, name in
            if mkdirat(parent, name, mode) < 0 { return -errno }
            return clinux_fchmodat(parent, name, mode)
        }
    }

    /// Makes a directory and the ones above it where they are missing; gives those it made, topmost first.
    @discardableResult
    package func makeDirectories(
        _ path: Path,
        mode: UInt32 = 0o755,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> [Path] {
        var made: [Path] = []
        var prefix: Path = ""
        for name in path.components where name != "." {
            prefix = prefix.appending(name)
            do throws(SystemError) {
                try makeDirectory(prefix, mode: mode, resolution)
                made.append(prefix)
            } catch  where error.code == EEXIST {
                // A link to a directory counts as one, as with `mkdir -p`.
                let existing = try status(prefix, followSymlink: true, resolution)
                guard existing.kind == .directory else {
                    throw SystemError("make directory", prefix, code: ENOTDIR)
                }
            }
        }
        return made
    }

    /// Removes a name that is not a directory.
    package func remove(_ path: Path, _ resolution: Resolution = .inRoot) throws(SystemError) {
        try onName("remove", path, resolution) { unlinkat($0, $1, 0) < 0 ? -errno : 0 }
    }

    /// Removes an empty directory.
    package func removeDirectory(_ path: Path, _ resolution: Resolution = .inRoot) throws(SystemError) {
        try onName("remove directory", path, resolution) { unlinkat($0, $1, AT_REMOVEDIR) < 0 ? -errno : 0 }
    }

    /// Renames within this directory, replacing what has the new name.
    package func rename(_ from: Path, to: Path) throws(SystemError) {
        try rename(from, to: to, in: self)
    }

    /// Renames into another directory of the same filesystem, replacing what has the new name.
    package func rename(_ from: Path, to: Path, in other: borrowing Directory) throws(SystemError) {
        let target = try NameInDirectory(other, to)
        try onName("rename", from, .inRoot) { parent, name in
            target.withName { clinux_renameat2(parent, name, $0, $1, 0) }
        }
    }

    /// Makes a symbolic link at `path`; the target is any text.
    package func symlink(target: Path, at path: Path, _ resolution: Resolution = .inRoot) throws(SystemError) {
        try onName("make symbolic link", path, resolution) { parent, name in
            target.withCString { symlinkat($0, parent, name) } < 0 ? -errno : 0
        }
        try forgetOwner(path, resolution)
    }

    /// Makes a hard link `to` of an existing name, which is not followed.
    package func link(_ existing: Path, to path: Path, _ resolution: Resolution = .inRoot) throws(SystemError) {
        let target = try NameInDirectory(self, path, resolution)
        try onName("link", existing, resolution) { parent, name in
            target.withName { linkat(parent, name, $0, $1, 0) } < 0 ? -errno : 0
        }
    }

    /// Makes a hard link of an existing name, which is not followed, in another directory of the same filesystem.
    package func link(_ existing: Path, to path: Path, in other: borrowing Directory) throws(SystemError) {
        try other.withParent(of: path, .noSymlinks) { target, newName throws(SystemError) in
            _ = try onName("link", existing, .noSymlinks) { linkat($0, $1, target, newName, 0) < 0 ? -errno : 0 }
        }
    }

    /// Makes a device node, fifo, socket or empty file; `mode` is set exactly.
    package func makeNode(
        _ path: Path,
        kind: FileKind,
        mode: UInt32,
        major: UInt32 = 0,
        minor: UInt32 = 0,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        if let ledger, kind == .blockDevice || kind == .characterDevice && (major, minor) != (0, 0) {
            let device = OwnerRecord.Device(isBlock: kind == .blockDevice, major: major, minor: minor)
            do throws(SystemError) {
                let isReal = ledger.scope == .devices && device.isHarmless
                guard isReal else { throw SystemError("make node", path, code: EPERM) }
                return try makeRealNode(path, kind: kind, mode: mode, major: major, minor: minor, resolution)
            } catch  where error.code == EPERM {
                return try makePlaceholder(path, device, mode: mode, resolution)
            }
        }
        try makeRealNode(path, kind: kind, mode: mode, major: major, minor: minor, resolution)
        if kind == .fifo || kind == .socket { try forgetOwner(path, resolution) }
    }

    private func makeRealNode(
        _ path: Path,
        kind: FileKind,
        mode: UInt32,
        major: UInt32,
        minor: UInt32,
        _ resolution: Resolution
    ) throws(SystemError) {
        try onName("make node", path, resolution) { parent, name in
            let code = clinux_mknod(parent, name, mode & 0o7777 | kind.modeBits, major, minor)
            if code < 0 { return code }
            // A whiteout is linked many times over: leave its mode alone.
            if kind == .characterDevice && major == 0 && minor == 0 { return code }
            return clinux_fchmodat(parent, name, mode)
        }
    }

    /// Removes a name and, if it is a directory, all below it; a missing name is no error.
    package func removeTree(_ path: Path, _ resolution: Resolution = .inRoot) throws(SystemError) {
        guard let status = try statusIfExists(path, resolution) else { return }
        guard status.kind == .directory else { return try remove(path, resolution) }
        try removeContents(path, resolution)
        try removeDirectory(path, resolution)
    }

    /// Removes everything below a directory but not the directory; other filesystems mounted there are an error.
    package func removeContents(_ path: Path = "", _ resolution: Resolution = .inRoot) throws(SystemError) {
        let top = try openDirectory(path, resolution)
        var walk = try TreeWalk(top, sorted: false)
        while let step = try walk.next() {
            switch step {
            case .enter(let entry) where entry.status.kind == .directory:
                // A directory of ours without permission bits can be given them.
                if entry.status.permissions & 0o700 != 0o700 {
                    try? walk.parent.directory.setPermissions(entry.name, 0o700)
                }
            case .enter(let entry): try walk.parent.directory.remove(entry.name)
            case .leave(let entry): try walk.parent.directory.removeDirectory(entry.name)
            }
        }
    }
}

/// A name whose parent directory is resolved and held open, for calls that take two names.
struct NameInDirectory: ~Copyable {
    private let parent: FileDescriptor
    private let name: Path

    init(
        _ directory: borrowing Directory,
        _ path: Path,
        _ resolution: Directory.Resolution = .inRoot
    )
        throws(SystemError)
    {
        guard let name = path.lastComponent, name != ".", name != ".." else {
            throw SystemError("name", path, code: EINVAL)
        }
        let parent = try directory.resolve(path.parent, [.pathOnly, .directory], mode: 0, resolution)
        self.name = name
        self.parent = parent
    }

    func withName(_ body: (Int32, UnsafePointer<CChar>) -> Int32) -> Int32 {
        name.withCString { body(parent.raw, $0) }
    }
}
