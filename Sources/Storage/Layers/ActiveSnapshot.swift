import Archive
import LinuxSystem
import Synchronization

/// A snapshot that is being made: a new, writable layer upon a parent.
///
/// Vanishes with this value unless it is committed; if the process is killed, the next one removes it.
package struct ActiveSnapshot: ~Copyable, Sendable {
    /// The new layer's future name.
    package let id: LayerID
    package let parent: Snapshot
    /// Where changes go: the directory of the new layer.
    ///
    /// Starts with the metadata of the parent's root.
    package let upperPath: Path
    package let upper: Directory
    /// The parent's layers for an overlay, topmost first; never empty.
    let lowerPaths: [Path]
    let kind: SnapshotKind
    let files: ActiveFiles

    /// How the new layer marks what it deletes.
    package var marks: LayerMarks { kind.marks }

    /// Shows parent and changes as one writable tree, for file operations of this process, which replace files and
    /// never write to those that are there.
    ///
    /// A mount never flushes, which committing does once. No two trees at the same time.
    package func mount() throws -> MountedTree {
        switch kind {
        case .overlay(let userxattr): try MountedTree(DetachedMount.overlay(overlay(userxattr), ledger: upper.ledger))
        case .plain: try MountedTree(tree(.linked), ledger: upper.ledger)
        }
    }

    /// Parent and changes as one writable tree for a step, which may write to everything.
    package func stepRoot() throws -> StepRoot {
        switch kind {
        case .overlay(let userxattr): return .overlay(try overlay(userxattr))
        case .plain:
            let tree = try tree(.copied)
            tree.index.withLock { $0 }.awaitNextTick()
            return .directory(tree.path)
        }
    }

    /// The directory in which a step leaves what it makes: of the new layer, or of the whole tree.
    package func stepChanges() throws -> Directory {
        if case .overlay = kind { return try upper.duplicate() }
        return try tree(.copied).root.duplicate()
    }

    /// A fresh work directory for each mount, because one that was used by a volatile mount is refused.
    private func overlay(_ userxattr: Bool) throws -> DetachedMount.OverlayOptions {
        let name = Path("work").appending(randomName())
        try files.home.directory.makeDirectories(name)
        return .init(
            lower: lowerPaths,
            upper: upperPath,
            work: upperPath.parent.appending(name),
            userxattr: userxattr,
            volatile: true
        )
    }

    private func tree(_ content: PlainTree.Content) throws -> PlainTree {
        try files.tree(content) { trees in
            let tree = try trees.take(content, of: parent) { layer in upperPath.layer(layer) }
            // What is in the layer already is no change of the tree.
            if try !upper.entries().isEmpty { try tree.apply([upperPath], marks: marks) }
            return tree
        }
    }
}

extension Path {
    /// The directory of another layer beside this layer's.
    fileprivate func layer(_ id: LayerID) -> Path {
        parent.parent.appending(id.name).appending("fs")
    }
}

/// The directory of an active snapshot, removed with its last reference unless it is kept.
final class ActiveFiles: Sendable {
    /// The directory `snapshots/<id>`.
    let home: SharedDirectory
    private let snapshots: SharedDirectory
    private let id: LayerID
    private let lock: FileLock
    private let kept = Atomic<Bool>(false)
    /// Where plain trees come from; `nil` for overlay.
    private let trees: PlainTrees?
    private let tree = Mutex<PlainTree?>(nil)

    init(_ id: LayerID, in snapshots: SharedDirectory, trees: PlainTrees?) throws {
        let claimed = try claimDirectory(Path(id.name), in: snapshots.directory)
        home = SharedDirectory(claimed.directory)
        lock = claimed.lock
        self.snapshots = snapshots
        self.id = id
        self.trees = trees
    }

    deinit {
        if !kept.load(ordering: .acquiring) { try? snapshots.directory.removeTree(Path(id.name)) }
    }

    /// Leaves the directory where it is.
    func keep() {
        kept.store(true, ordering: .releasing)
    }

    /// The plain tree of the snapshot, made by `make` for the first use.
    ///
    /// There is one, and it keeps the form of its first use.
    func tree(_ content: PlainTree.Content, make: (PlainTrees) throws -> PlainTree) throws -> PlainTree {
        if let known = tree.withLock({ $0 }) {
            guard known.content == content else { throw StorageError.abandoned }
            return known
        }
        guard let trees else { throw StorageError.abandoned }
        let made = try make(trees)
        tree.withLock { $0 = made }
        return made
    }

    /// Puts the changes of the plain tree, if there is one, into the layer.
    func collectChanges(into upper: borrowing Directory, marks: LayerMarks) throws {
        try tree.withLock { $0 }?.collectChanges(into: upper, marks: marks)
    }

    /// Hands on the plain tree, if there is one, which is that of `snapshot` now.
    func release(as snapshot: Snapshot) {
        guard let tree = tree.withLock({ $0.take() }) else { return }
        trees?.keep(tree, as: snapshot)
    }
}
