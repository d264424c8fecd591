import Glibc
import LinuxSystem

/// Copies visited entries into a mounted root (spec/01 §1.10, rules 4 to 8).
///
/// The destination of the item itself is resolved by the caller; everything below it is made relative to open
/// directories, and a symbolic link that stands in the way is never followed.
struct TreeCopier {
    /// What was copied so far, for one action.
    struct Tally {
        var bytes: Int64 = 0
        /// Files whose owner the kernel would not set, in a namespace with one id.
        var refusedOwners = 0
    }

    let tree: SourceTree
    let attributes: FileAttributes
    /// Whether an entry of another kind at the destination is replaced.
    let replacesExisting: Bool
    /// Whether owners that cannot be set are let go (a user namespace with one id).
    let toleratesOwners: Bool
    var tally = Tally()
    /// The first destination of each source inode that has several names.
    var hardLinks: [UInt64: Path] = [:]
}

extension TreeCopier {
    /// Makes or replaces the entry `name` in `target` from a source entry that is no directory.
    ///
    /// `path` is the
    /// destination relative to `root`, for hard links.
    mutating func copyEntry(
        _ status: FileStatus,
        _ name: Path,
        in parent: borrowing Directory,
        to newName: Path,
        in target: borrowing Directory,
        root: borrowing Directory,
        path: Path
    ) throws {
        try clear(newName, in: target)
        if status.kind == .regular, status.links > 1 {
            if let first = hardLinks[status.inode] {
                return try root.link(first, to: path, .noSymlinks)
            }
            hardLinks[status.inode] = path
        }
        switch status.kind {
        case .regular: return try copyFile(status, name, in: parent, to: newName, in: target)
        case .symlink: try target.symlink(target: try parent.readLink(name), at: newName)
        case .fifo, .characterDevice, .blockDevice:
            try target.makeNode(
                newName,
                kind: status.kind,
                mode: attributes.permissions(status),
                major: status.deviceMajor,
                minor: status.deviceMinor
            )
        case .socket, .directory: return
        }
        try setOwner(status, newName, in: target)
        if status.kind != .symlink {
            try target.setPermissions(newName, attributes.permissions(status))
        }
        try target.setTimes(newName, modified: attributes.time ?? status.modified)
    }

    private mutating func copyFile(
        _ status: FileStatus,
        _ name: Path,
        in parent: borrowing Directory,
        to newName: Path,
        in target: borrowing Directory
    ) throws {
        let source = try parent.openFile(name, [.readOnly, .noFollow, .nonBlocking])
        let before = try source.status()
        guard before.kind == .regular else { throw OperationError.changedDuringBuild(name.string) }
        let copy = try target.openFile(newName, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
        try LinuxSystem.copyFile(from: source, to: copy)
        let after = try source.status()
        guard after.changed == before.changed, after.size == before.size,
            tree.ownership == .kept || after.changed == status.changed
        else {
            throw OperationError.changedDuringBuild(name.string)
        }
        tally.bytes += before.size
        let owner = (attributes.uid ?? status.uid, attributes.gid ?? status.gid)
        if owner != (0, 0) {
            try tolerating { () throws(SystemError) in try copy.setOwner(uid: owner.0, gid: owner.1) }
        }
        try copy.setPermissions(attributes.permissions(status))
        if tree.keepsAttributes { source.copyContentAttributes(to: copy) }
        try copy.setTimes(modified: attributes.time ?? status.modified)
    }

    /// Removes what stands where a file is to be made; a directory there is an error (rule 6).
    private func clear(_ name: Path, in target: borrowing Directory) throws {
        guard let existing = try target.statusIfExists(name) else { return }
        guard existing.kind == .directory else { return try target.remove(name) }
        guard replacesExisting else { throw OperationError.fileOverDirectory(name.string) }
        try target.removeTree(name)
    }

    /// Makes a directory where there is none; an existing one is kept, and anything else is an error (rule 6).
    mutating func makeDirectory(_ name: Path, in target: borrowing Directory) throws {
        if let existing = try target.statusIfExists(name) {
            if existing.kind == .directory { return }
            guard replacesExisting else { throw OperationError.directoryOverFile(name.string) }
            try target.remove(name)
        }
        try target.makeDirectory(name, mode: 0o755)
    }

    /// Gives a copied directory its source's owner, permissions and attributes; times are set when it is complete.
    mutating func applyAttributes(
        _ status: FileStatus,
        from source: borrowing Directory,
        to target: borrowing Directory
    ) throws {
        let uid = attributes.uid ?? status.uid
        let gid = attributes.gid ?? status.gid
        try tolerating { () throws(SystemError) in try target.descriptor.setOwner(uid: uid, gid: gid) }
        try target.descriptor.setPermissions(attributes.permissions(status))
        if tree.keepsAttributes { source.descriptor.copyContentAttributes(to: target.descriptor) }
    }

    private mutating func setOwner(_ status: FileStatus, _ name: Path, in target: borrowing Directory) throws {
        let uid = attributes.uid ?? status.uid
        let gid = attributes.gid ?? status.gid
        try tolerating { () throws(SystemError) in try target.setOwner(name, uid: uid, gid: gid) }
    }

    /// Runs a change of owner; where only one id is mapped, EINVAL and EPERM are counted and let go.
    mutating func tolerating(_ change: () throws(SystemError) -> Void) throws {
        do throws(SystemError) {
            try change()
        } catch {
            guard toleratesOwners, error.code == EINVAL || error.code == EPERM else { throw error }
            tally.refusedOwners += 1
        }
    }
}
