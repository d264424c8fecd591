import LinuxSystem

/// Copies a walked item below a destination, keeping the destination's directories on the way open.
struct CopyVisitor: SourceVisitor {
    /// A directory of the destination that is being filled.
    private final class Target {
        let directory: Directory
        let path: Path

        init(_ directory: consuming Directory, path: Path) {
            self.directory = directory
            self.path = path
        }
    }

    /// Where the item goes: a directory that exists, or a name in one.
    struct Destination {
        /// The directory, relative to the root and without links.
        var directory: Path
        /// The name of the entry that the item becomes; nil where it is the directory itself.
        var name: Path?
    }

    let root: SharedDirectory
    /// Where the walked item is in its tree.
    let source: Path
    let destination: Destination
    var copier: TreeCopier
    private var targets: [Target] = []

    init(root: SharedDirectory, source: Path, destination: Destination, copier: TreeCopier) throws {
        self.root = root
        self.source = source
        self.destination = destination
        self.copier = copier
        let top = try root.directory.openDirectory(destination.directory, .noSymlinks)
        targets = [Target(top, path: destination.directory)]
    }

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: borrowing Directory) throws {
        // The contents of the item go into a directory that keeps its own attributes.
        if path.isEmpty, destination.name == nil { return }
        guard let parent = targets.last, let name = path.lastComponent ?? destination.name else { return }
        try copier.makeDirectory(name, in: parent.directory)
        let opened = try parent.directory.openDirectory(name, .noSymlinks)
        try copier.applyAttributes(status, from: directory, to: opened)
        targets.append(Target(opened, path: parent.path.appending(name)))
    }

    mutating func leave(_ path: Path, _ status: FileStatus) throws {
        guard let target = targets.last else { return }
        try target.directory.descriptor.setTimes(modified: copier.attributes.time ?? status.modified)
        if !(path.isEmpty && destination.name == nil) { targets.removeLast() }
    }

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: borrowing Directory) throws {
        guard let target = targets.last else { return }
        let newName = path.isEmpty ? destination.name ?? name : name
        try copier.copyEntry(
            status,
            name,
            at: source.appending(path),
            in: parent,
            to: newName,
            in: target.directory,
            root: root.directory,
            path: target.path.appending(newName)
        )
    }
}
