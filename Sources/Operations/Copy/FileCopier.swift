import Glibc
import LinuxSystem
import Storage

/// Makes copies of regular files.
struct FileCopier: Sendable {
    let tree: SourceTree
    let attributes: FileAttributes
    /// Whether an entry of another kind at the destination is replaced.
    let replacesExisting: Bool
    /// Is told of what is written.
    let writeBehind: WriteBehind?

    /// A file to be copied, as the walk met it.
    struct Source: Sendable {
        let status: FileStatus
        /// The last component of ``place``.
        let name: Path
        let parent: SharedDirectory
        /// Where it is in the tree.
        let place: Path
    }

    /// A copy that has a name, and neither bytes nor attributes.
    struct Begun: Sendable {
        fileprivate let source: Source
        fileprivate let original: SharedDescriptor
        fileprivate let copy: SharedDescriptor
    }

    /// Makes the copy's name.
    func begin(_ source: Source, as newName: Path, in target: borrowing Directory) throws -> Begun {
        let flags: OpenFlags = [.readOnly, .noFollow, .nonBlocking]
        return Begun(
            source: source,
            original: SharedDescriptor(try source.parent.directory.openFile(source.name, flags)),
            copy: SharedDescriptor(
                try replacing(newName, in: target) { () throws(SystemError) in
                    try target.openFile(newName, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
                }
            )
        )
    }

    /// Copies the bytes and gives the copy its attributes.
    ///
    /// Throws ``OperationError/changedDuringBuild(_:)`` where the file is not the one that the walk met, or that entered a digest
    /// of this build.
    func finish(_ begun: Begun) throws {
        try fill(begun.copy.descriptor, from: begun.original.descriptor, begun.source)
    }

    private func fill(
        _ copy: borrowing FileDescriptor,
        from original: borrowing FileDescriptor,
        _ source: Source
    ) throws {
        let status = source.status
        let before = try original.status()
        guard before.kind == .regular, tree.index?.isAsHashed(source.place, before) ?? true else {
            throw OperationError.changedDuringBuild(source.place.string)
        }
        try copyFile(from: original, to: copy)
        let after = try original.status()
        guard tree.isUnchanged(before, after), tree.ownership == .kept || after.changed == status.changed else {
            throw OperationError.changedDuringBuild(source.place.string)
        }
        let uid = attributes.uid ?? status.uid
        let gid = attributes.gid ?? status.gid
        if (uid, gid) != (0, 0) { try copy.setOwner(uid: uid, gid: gid) }
        try copy.setPermissions(attributes.permissions(status))
        if tree.keepsAttributes { original.copyContentAttributes(to: copy) }
        try copy.setTimes(modified: attributes.time ?? status.modified)
        writeBehind?.add(after.size)
    }

    /// Makes something new; where the name is taken, what has it is removed first.
    func replacing<R: ~Copyable>(
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

    /// Removes what stands where a file is to be made; a directory there is an error (spec/01 §1.10, rule 6).
    private func clear(_ name: Path, in target: borrowing Directory) throws {
        guard let existing = try target.statusIfExists(name) else { return }
        guard existing.kind == .directory else { return try target.remove(name) }
        guard replacesExisting else { throw OperationError.fileOverDirectory(name.string) }
        try target.removeTree(name)
    }

    /// Whether a file of a layer is what copying a file of this status would make, if their bytes are the same.
    func isCopy(_ file: FileStatus, of status: FileStatus) -> Bool {
        file.kind == .regular && file.size == status.size && file.permissions == attributes.permissions(status)
            && file.uid == attributes.uid ?? status.uid && file.gid == attributes.gid ?? status.gid
            && file.modified == attributes.time ?? status.modified
    }
}
