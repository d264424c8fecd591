import Archive
import Glibc
import LinuxSystem

/// Puts layers upon each other in a plain directory, as overlay would show them.
struct LayerApplier: ~Copyable {
    private let target: Directory
    private let content: PlainTree.Content
    private let marks: LayerMarks

    init(target: borrowing Directory, content: PlainTree.Content, marks: LayerMarks) throws(SystemError) {
        self.target = try target.duplicate()
        self.content = content
        self.marks = marks
    }

    /// Puts one more layer on top.
    func apply(_ layer: borrowing Directory) throws {
        try WorkerThreads.run("copy tree") { workers in
            var levels = [SharedDirectory(try target.duplicate())]
            var directories: [(place: SharedDirectory, status: FileStatus)] = []
            var walk = try TreeWalk(layer)
            while let step = try walk.next() {
                switch step {
                case .enter(let entry):
                    let place = levels[entry.depth]
                    if entry.status.isWhiteout {
                        try place.directory.removeTree(entry.name, .noSymlinks)
                    } else if entry.status.kind == .directory {
                        let made = try makeDirectory(entry, from: walk.parent.directory, in: place.directory)
                        levels.append(made)
                    } else {
                        try put(entry, from: walk.parent, in: place, workers)
                    }
                case .leave(let entry):
                    // When everything below is there, since that changes the time.
                    directories.append((levels.removeLast(), entry.status))
                    if directories.count >= Self.openDirectories { try finish(&directories, workers) }
                }
            }
            try finish(&directories, workers)
        }
        try copyMetadata(of: layer.descriptor.status(), to: "", in: target)
    }

    /// How many directories are kept open until the files in them are copied.
    private static let openDirectories = 64

    private func finish(
        _ directories: inout [(place: SharedDirectory, status: FileStatus)],
        _ workers: WorkerThreads
    ) throws {
        try workers.drain()
        for (place, status) in directories { try copyMetadata(of: status, to: "", in: place.directory) }
        directories = []
    }

    private func makeDirectory(
        _ entry: WalkEntry,
        from source: borrowing Directory,
        in place: borrowing Directory
    ) throws -> SharedDirectory {
        let existing = try place.statusIfExists(entry.name, .noSymlinks)
        if let existing, try existing.kind != .directory || marks.isOpaque(entry.name, in: source) {
            try place.removeTree(entry.name, .noSymlinks)
            try place.makeDirectory(entry.name, mode: 0o700, .noSymlinks)
        } else if existing == nil {
            try place.makeDirectory(entry.name, mode: 0o700, .noSymlinks)
        }
        let made = try place.openDirectory(entry.name, .noSymlinks)
        copyAttributes(of: try source.openDirectory(entry.name, .noSymlinks).descriptor, to: made.descriptor)
        return SharedDirectory(made)
    }

    private func put(
        _ entry: WalkEntry,
        from source: SharedDirectory,
        in place: SharedDirectory,
        _ workers: WorkerThreads
    ) throws {
        do throws(SystemError) {
            try make(entry, from: source.directory, in: place.directory)
        } catch {
            guard error.code == EEXIST else { throw error }
            try place.directory.removeTree(entry.name, .noSymlinks)
            try make(entry, from: source.directory, in: place.directory)
        }
        guard content == .copied, entry.status.kind == .regular else { return }
        try workers.submit(size: entry.status.size) {
            try fillFile(entry.name, entry.status, from: source.directory, in: place.directory)
        }
    }

    /// Makes a name; a regular file is still to be filled where files are copied.
    private func make(
        _ entry: WalkEntry,
        from source: borrowing Directory,
        in place: borrowing Directory
    ) throws(SystemError) {
        if content == .linked {
            do throws(SystemError) {
                return try source.link(entry.name, to: entry.name, in: place)
            } catch {
                // A file has as many names as it can have.
                guard error.code == EMLINK else { throw error }
            }
        }
        try makeCopy(of: entry.name, entry.status, from: source, to: entry.name, in: place)
        if content == .linked, entry.status.kind == .regular {
            try fillFile(entry.name, entry.status, from: source, in: place)
        }
    }
}

/// Makes a copy of a name that is no directory, complete but for the bytes and the metadata of a regular file.
///
/// EEXIST where the new name is taken.
func makeCopy(
    of name: Path,
    _ status: FileStatus,
    from source: borrowing Directory,
    to newName: Path,
    in target: borrowing Directory
) throws(SystemError) {
    switch status.kind {
    case .regular, .directory:
        _ = try target.openFile(newName, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600, .noSymlinks)
        return
    case .symlink:
        try target.symlink(target: source.readLink(name, .noSymlinks), at: newName, .noSymlinks)
    case .characterDevice, .blockDevice, .fifo, .socket:
        try target.makeNode(
            newName,
            kind: status.kind,
            mode: status.permissions,
            major: status.deviceMajor,
            minor: status.deviceMinor,
            .noSymlinks
        )
    }
    for attribute in try source.extendedAttributes(name, .noSymlinks) where !OverlayAttribute.isMark(attribute.name) {
        try? target.setExtendedAttribute(newName, name: attribute.name, value: attribute.value, .noSymlinks)
    }
    try copyMetadata(of: status, to: newName, in: target)
}

/// Gives an empty file of the same name bytes, attributes and metadata.
func fillFile(
    _ name: Path,
    as newName: Path? = nil,
    _ status: FileStatus,
    from source: borrowing Directory,
    in target: borrowing Directory
) throws(SystemError) {
    let original = try source.openFile(name, [.readOnly, .noFollow, .nonBlocking], .noSymlinks)
    let copy = try target.openFile(newName ?? name, [.writeOnly, .noFollow], .noSymlinks)
    try copyFile(from: original, to: copy)
    // The owner first, because setting it clears set-user-id bits and capabilities.
    try setOwner(of: copy, status)
    try copy.setPermissions(status.permissions)
    copyAttributes(of: original, to: copy)
    try copy.setTimes(modified: status.modified)
}

private func setOwner(of copy: borrowing FileDescriptor, _ status: FileStatus) throws(SystemError) {
    do throws(SystemError) {
        try copy.setOwner(uid: status.uid, gid: status.gid)
    } catch {
        // With one id in the namespace all owners are this one.
        guard error.code == EINVAL || error.code == EPERM else { throw error }
    }
}

/// Copies all attributes but overlay's; those that are refused are left out.
func copyAttributes(of original: borrowing FileDescriptor, to copy: borrowing FileDescriptor) {
    original.copyAttributes(to: copy) { !OverlayAttribute.isMark($0) }
}
