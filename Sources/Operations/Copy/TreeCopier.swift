import Glibc
import LinuxSystem

/// Copies visited entries into a mounted root (spec/01 §1.10, rules 4 to 8).
///
/// The destination of the item itself is resolved by the caller; everything below it is made relative to open
/// directories, and a symbolic link that stands in the way is never followed.
struct TreeCopier {
    let tree: SourceTree
    let attributes: FileAttributes
    /// Whether an entry of another kind at the destination is replaced.
    let replacesExisting: Bool
    /// Where the bytes of files are copied.
    let workers: WorkerThreads
    /// The first destination of each source file that has several names, of the item that is copied.
    var hardLinks = HardLinks()
}

extension TreeCopier {
    /// Makes or replaces the entry `name` in `target` from a source entry that is no directory.
    ///
    /// `path` is the destination relative to `root`, for hard links; `place` is where the entry is in the source's tree.
    mutating func copyEntry(
        _ status: FileStatus,
        _ name: Path,
        at place: Path,
        in parent: borrowing Directory,
        to newName: Path,
        in target: borrowing Directory,
        root: borrowing Directory,
        path: Path
    ) throws {
        if status.kind == .regular, let first = hardLinks.firstName(of: status, at: path) {
            return try replacing(newName, in: target) { () throws(SystemError) in
                try root.link(first, to: path, .noSymlinks)
            }
        }
        if status.kind != .regular, tree.index?.isAsHashed(place, status) == false {
            throw OperationError.changedDuringBuild(place.string)
        }
        switch status.kind {
        case .regular: return try copyFile(status, name, at: place, in: parent, to: newName, in: target)
        case .symlink:
            let link = try parent.readLink(name)
            try replacing(newName, in: target) { () throws(SystemError) in
                try target.symlink(target: link, at: newName)
            }
        case .fifo, .socket, .characterDevice, .blockDevice:
            // A socket of this machine is nothing that a build could use: what comes of it is an empty file.
            let kind = status.kind == .socket && tree.ownership == .root ? FileKind.regular : status.kind
            try replacing(newName, in: target) { () throws(SystemError) in
                try target.makeNode(
                    newName,
                    kind: kind,
                    mode: attributes.permissions(status),
                    major: status.deviceMajor,
                    minor: status.deviceMinor
                )
            }
        case .directory: return
        }
        try setOwner(status, newName, in: target)
        if status.kind != .symlink {
            try target.setPermissions(newName, attributes.permissions(status))
        }
        try target.setTimes(newName, modified: attributes.time ?? status.modified)
    }

    /// Makes the file here, so that names appear in order, and leaves its bytes and attributes to the workers.
    private func copyFile(
        _ status: FileStatus,
        _ name: Path,
        at place: Path,
        in parent: borrowing Directory,
        to newName: Path,
        in target: borrowing Directory
    ) throws {
        let source = SharedDescriptor(try parent.openFile(name, [.readOnly, .noFollow, .nonBlocking]))
        let copy = SharedDescriptor(
            try replacing(newName, in: target) { () throws(SystemError) in
                try target.openFile(newName, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            }
        )
        try workers.submit(size: status.size) { [tree, attributes] in
            let before = try source.descriptor.status()
            guard before.kind == .regular, tree.index?.isAsHashed(place, before) ?? true else {
                throw OperationError.changedDuringBuild(place.string)
            }
            try LinuxSystem.copyFile(from: source.descriptor, to: copy.descriptor)
            let after = try source.descriptor.status()
            guard tree.isUnchanged(before, after), tree.ownership == .kept || after.changed == status.changed else {
                throw OperationError.changedDuringBuild(place.string)
            }
            let uid = attributes.uid ?? status.uid
            let gid = attributes.gid ?? status.gid
            if (uid, gid) != (0, 0) { try copy.descriptor.setOwner(uid: uid, gid: gid) }
            try copy.descriptor.setPermissions(attributes.permissions(status))
            if tree.keepsAttributes { source.descriptor.copyContentAttributes(to: copy.descriptor) }
            try copy.descriptor.setTimes(modified: attributes.time ?? status.modified)
        }
    }

    /// Makes something new; where the name is taken, what has it is removed first.
    private func replacing<R: ~Copyable>(
        _ name: Path,
        in target: borrowing Directory,
        _ make: () throws(SystemError) -> R
    ) throws -> R {
        do {
            return try make()
        } catch {
            guard error.code == EEXIST else { throw error }
        }
        try clear(name, in: target)
        return try make()
    }

    /// Removes what stands where a file is to be made; a directory there is an error (rule 6).
    private func clear(_ name: Path, in target: borrowing Directory) throws {
        guard let existing = try target.statusIfExists(name) else { return }
        guard existing.kind == .directory else { return try target.remove(name) }
        guard replacesExisting else { throw OperationError.fileOverDirectory(name.string) }
        try target.removeTree(name)
    }

    /// Makes a directory where there is none, and tells whether it did; an existing one is kept, and anything else is an error
    /// (rule 6).
    func makeDirectory(_ name: Path, in target: borrowing Directory) throws -> Bool {
        if let existing = try target.statusIfExists(name) {
            if existing.kind == .directory { return false }
            guard replacesExisting else { throw OperationError.directoryOverFile(name.string) }
            try target.remove(name)
        }
        try target.makeDirectory(name, mode: 0o755)
        return true
    }

    /// Whether a file of a layer is what copying a file of this status would make, if their bytes are the same.
    func isCopy(_ file: FileStatus, of status: FileStatus) -> Bool {
        file.kind == .regular && file.size == status.size && file.permissions == attributes.permissions(status)
            && file.uid == attributes.uid ?? status.uid && file.gid == attributes.gid ?? status.gid
            && file.modified == attributes.time ?? status.modified
    }

    /// Gives a copied directory its source's owner, permissions and attributes; times are set when it is complete.
    func applyAttributes(
        _ status: FileStatus,
        from source: borrowing Directory,
        to target: borrowing Directory
    ) throws {
        let uid = attributes.uid ?? status.uid
        let gid = attributes.gid ?? status.gid
        try target.descriptor.setOwner(uid: uid, gid: gid)
        try target.descriptor.setPermissions(attributes.permissions(status))
        if tree.keepsAttributes { source.descriptor.copyContentAttributes(to: target.descriptor) }
    }

    private func setOwner(_ status: FileStatus, _ name: Path, in target: borrowing Directory) throws {
        let uid = attributes.uid ?? status.uid
        let gid = attributes.gid ?? status.gid
        try target.setOwner(name, uid: uid, gid: gid)
    }
}
