import LinuxSystem

/// The layers of a snapshot seen as one tree, as long as this value lives.
package struct MountedTree: ~Copyable, Sendable {
    /// The root directory.
    package let root: Directory
    /// Where a plain tree is; `nil` for a mount, which is attached nowhere.
    private let place: Path?
    private let mount: DetachedMount?
    private let tree: PlainTree?

    init(_ mount: consuming DetachedMount) throws(SystemError) {
        let root = try mount.root.duplicate()
        self.root = root
        place = nil
        tree = nil
        self.mount = consume mount
    }

    init(_ tree: PlainTree, ledger: OwnershipLedger?) throws(SystemError) {
        let root = Directory(try tree.root.descriptor.duplicate(), ledger: ledger)
        let place = try root.currentPath()
        self.root = root
        self.place = place
        mount = nil
        self.tree = tree
    }

    /// The path of a directory of the tree, relative to its root.
    func path(of directory: borrowing Directory) throws(SystemError) -> Path {
        // A mount is attached nowhere: the kernel tells the path from its root.
        let path = try directory.currentPath()
        guard let place, path.isWithin(place) else { return path.relative }
        return Path(bytes: Array(path.bytes.dropFirst(place.bytes.count))).relative
    }
}

/// How a step sees the tree of an active snapshot.
package enum StepRoot: Hashable, Sendable {
    case overlay(DetachedMount.OverlayOptions)
    /// A directory that the step may change in place.
    case directory(Path)
}
