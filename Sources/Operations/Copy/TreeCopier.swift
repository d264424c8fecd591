import LinuxSystem

/// Copies visited entries into a mounted root (spec/01 §1.10, rules 4 to 8).
///
/// The destination of the item itself is resolved by the caller; everything below it is made relative to open
/// directories, and a symbolic link that stands in the way is never followed.
struct TreeCopier {
    let files: FileCopier
    /// Where the bytes of files are copied.
    let workers: WorkerThreads
    /// The first destination of each source file that has several names, of the item that is copied.
    private var hardLinks = HardLinks()

    init(_ files: FileCopier, _ workers: WorkerThreads) {
        self.files = files
        self.workers = workers
    }

    var tree: SourceTree { files.tree }
    var attributes: FileAttributes { files.attributes }
}

extension TreeCopier {
    /// Makes or replaces the entry `name` in `target` from a source entry that is no directory.
    ///
    /// `path` is the destination relative to `root`, for hard links. A regular file gets its name here, so that names appear
    /// in order, and its bytes and attributes from the workers.
    mutating func copyEntry(
        _ source: FileCopier.Source,
        as newName: Path,
        in target: borrowing Directory,
        root: borrowing Directory,
        path: Path
    ) throws {
        let status = source.status
        if status.kind == .regular, let first = hardLinks.firstName(of: status, at: path) {
            return try files.replacing(newName, in: target) { () throws(SystemError) in
                try root.link(first, to: path, .noSymlinks)
            }
        }
        if status.kind != .regular, tree.index?.isAsHashed(source.place, status) == false {
            throw OperationError.changedDuringBuild(source.place.string)
        }
        switch status.kind {
        case .regular:
            let begun = try files.begin(source, as: newName, in: target)
            return try workers.submit(size: status.size) { [files] in try files.finish(begun) }
        case .symlink:
            let link = try source.parent.directory.readLink(source.name)
            try files.replacing(newName, in: target) { () throws(SystemError) in
                try target.symlink(target: link, at: newName)
            }
        case .fifo, .socket, .characterDevice, .blockDevice:
            // A socket of this machine is nothing that a build could use: what comes of it is an empty file.
            let kind = status.kind == .socket && tree.ownership == .root ? FileKind.regular : status.kind
            try files.replacing(newName, in: target) { () throws(SystemError) in
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

    /// Makes a directory where there is none, and tells whether it did; an existing one is kept, and anything else is an error
    /// (rule 6).
    func makeDirectory(_ name: Path, in target: borrowing Directory) throws -> Bool {
        if let existing = try target.statusIfExists(name) {
            if existing.kind == .directory { return false }
            guard files.replacesExisting else { throw OperationError.directoryOverFile(name.string) }
            try target.remove(name)
        }
        try target.makeDirectory(name, mode: 0o755)
        return true
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
