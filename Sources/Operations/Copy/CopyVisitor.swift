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

    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: SharedDirectory) throws {
        // The contents of the item go into a directory that keeps its own attributes.
        if path.isEmpty, destination.name == nil { return }
        guard let parent = targets.last, let name = path.lastComponent ?? destination.name else { return }
        let isNew = try copier.makeDirectory(name, in: parent.directory.directory)
        let opened = try parent.directory.directory.openDirectory(name, .noSymlinks)
        let place = parent.path.appending(name)
        let target =
            parent.isInLayer
            ? CopyTarget(opened, place, isInLayer: true) : try target(place, opened, isNew: isNew)
        try copier.applyAttributes(status, from: directory.directory, to: target.directory.directory)
        targets.append(target)
    }

    mutating func leave(_ path: Path, _ status: FileStatus) throws {
        guard let target = targets.last else { return }
        try target.filling.finish(copier.attributes.time ?? status.modified)
        if !(path.isEmpty && destination.name == nil) { targets.removeLast() }
    }

    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: SharedDirectory) throws {
        guard let target = targets.last else { return }
        let newName = path.isEmpty ? destination.name ?? name : name
        let source = FileCopier.Source(status: status, name: name, parent: parent, place: source.appending(path))
        let earlier = try earlierFile(source, as: newName, in: target)
        if target.isInLayer, !path.isEmpty, status.kind == .regular, status.links == 1 {
            return try copyLater(source, as: newName, in: target, earlier)
        }
        if let earlier, try share(earlier, source, in: target) { return }
        let layer = target.isInLayer ? root.layer ?? tree : tree
        try copier.copyEntry(
            source,
            as: newName,
            in: target.directory.directory,
            root: layer.directory,
            path: target.path.appending(newName)
        )
    }

    /// Leaves a file of a new directory to the workers, its name too: nobody else asks for that.
    private func copyLater(
        _ source: FileCopier.Source,
        as newName: Path,
        in target: CopyTarget,
        _ earlier: EarlierFile?
    ) throws {
        target.filling.begin()
        try copier.workers.submit(size: source.status.size) {
            [files = copier.files, directory = target.directory, filling = target.filling] in
            if try earlier?.link(source.status, files) != true {
                try files.finish(files.begin(source, as: newName, in: directory.directory))
            }
            try filling.end()
        }
    }

    /// The file of the earlier layer of the same copy that holds the same bytes; `nil` if there is none.
    private func earlierFile(
        _ source: FileCopier.Source,
        as name: Path,
        in target: CopyTarget
    ) throws -> EarlierFile? {
        guard let sharing, source.status.kind == .regular else { return nil }
        let path = target.path.appending(name)
        // One with several names in the source has as many in the layer.
        guard source.status.links == 1, let hash = copier.tree.index?.hashed(source.place, source.status) else {
            sharing.forget(path)
            return nil
        }
        guard sharing.note(path, hash), let directory = target.earlier(sharing), let layer = try target.layer(root)
        else {
            return nil
        }
        return EarlierFile(name: name, directory: directory, layer: layer, taken: sharing.taken)
    }

    /// Takes a file from the earlier layer at once; false where it must be copied.
    private func share(_ earlier: EarlierFile, _ source: FileCopier.Source, in target: CopyTarget) throws -> Bool {
        guard try target.isInLayer || target.directory.directory.statusIfExists(earlier.name)?.kind != .directory,
            try earlier.link(source.status, copier.files)
        else { return false }
        if !target.isInLayer { root.noteHidden() }
        return true
    }
}
