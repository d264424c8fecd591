import Glibc
import LinuxSystem

/// Copies a walked item below a destination, keeping the destination's directories on the way open.
struct CopyVisitor: SourceVisitor {
    /// Where the item goes: a directory that exists, or a name in one.
    struct Destination {
        /// The directory, relative to the root and without links.
        var directory: Path
        /// Whether it was made for this.
        var isNew: Bool
        /// The name of the entry that the item becomes; nil where it is the directory itself.
        var name: Path?
    }

    let root: WritableRoot
    /// The root as it was when the walk began.
    private let tree: SharedDirectory
    /// Where the walked item is in its tree.
    let source: Path
    let destination: Destination
    var copier: TreeCopier
    let sharing: CopySharing?
    private var targets: [CopyTarget] = []

    init(
        root: WritableRoot,
        source: Path,
        destination: Destination,
        copier: TreeCopier,
        sharing: CopySharing?
    ) throws {
        self.root = root
        self.source = source
        self.destination = destination
        self.copier = copier
        self.sharing = sharing
        tree = try root.directory()
        let top = try tree.directory.openDirectory(destination.directory, .noSymlinks)
        targets = [try target(destination.directory, top, isNew: destination.isNew)]
    }

    /// A directory of the root; a new one is opened in the layer, where there is nothing else of it.
    private func target(_ path: Path, _ opened: consuming Directory, isNew: Bool) throws -> CopyTarget {
        guard !root.isWhole else { return CopyTarget(opened, path, isInLayer: true) }
        guard isNew, let layer = root.layer else { return CopyTarget(opened, path, isInLayer: false) }
        root.noteHidden()
        return CopyTarget(try layer.directory.openDirectory(path, .noSymlinks), path, isInLayer: true)
    }

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: borrowing Directory) throws {
        // The contents of the item go into a directory that keeps its own attributes.
        if path.isEmpty, destination.name == nil { return }
        guard let parent = targets.last, let name = path.lastComponent ?? destination.name else { return }
        let isNew = try copier.makeDirectory(name, in: parent.directory)
        let opened = try parent.directory.openDirectory(name, .noSymlinks)
        let place = parent.path.appending(name)
        let target =
            parent.isInLayer
            ? CopyTarget(opened, place, isInLayer: true) : try target(place, opened, isNew: isNew)
        try copier.applyAttributes(status, from: directory, to: target.directory)
        targets.append(target)
    }

    mutating func leave(_ path: Path, _ status: FileStatus) throws {
        guard let target = targets.last else { return }
        try target.directory.descriptor.setTimes(modified: copier.attributes.time ?? status.modified)
        if !(path.isEmpty && destination.name == nil) { targets.removeLast() }
    }

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: borrowing Directory) throws {
        guard let target = targets.last else { return }
        let newName = path.isEmpty ? destination.name ?? name : name
        if try share(status, source.appending(path), as: newName, in: target) { return }
        let layer = target.isInLayer ? root.layer ?? tree : tree
        try copier.copyEntry(
            status,
            name,
            at: source.appending(path),
            in: parent,
            to: newName,
            in: target.directory,
            root: layer.directory,
            path: target.path.appending(newName)
        )
    }

    /// Takes a file from the earlier layer of the same copy; false where it must be copied.
    private func share(
        _ status: FileStatus,
        _ place: Path,
        as name: Path,
        in target: CopyTarget
    ) throws -> Bool {
        guard let sharing, status.kind == .regular else { return false }
        let path = target.path.appending(name)
        // One with several names in the source has as many in the layer.
        guard status.links == 1, let hash = copier.tree.index?.hashed(place, status) else {
            sharing.forget(path)
            return false
        }
        guard sharing.note(path, hash), let earlier = target.earlier(sharing),
            let file = try earlier.directory.statusIfExists(name, .noSymlinks), copier.isCopy(file, of: status),
            try target.isInLayer || target.directory.statusIfExists(name)?.kind != .directory,
            let layer = try target.layer(root), try link(name, in: earlier, to: layer)
        else { return false }
        sharing.add(file)
        if !target.isInLayer { root.noteHidden() }
        return true
    }

    /// Gives a file of the earlier layer the same name in the new one; false where it may not have more names, or a directory
    /// has this one.
    private func link(_ name: Path, in earlier: SharedDirectory, to layer: SharedDirectory) throws -> Bool {
        for _ in 0..<2 {
            do {
                try earlier.directory.link(name, to: name, in: layer.directory)
                return true
            } catch {
                guard error.code == EEXIST, try layer.directory.status(name, .noSymlinks).kind != .directory else {
                    return false
                }
                try layer.directory.remove(name)
            }
        }
        return false
    }
}
