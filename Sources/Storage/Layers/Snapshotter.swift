import Glibc
import LinuxSystem
import OCI
import Synchronization

/// Snapshots as stacks of layers, each a directory of what it changes: `snapshots/<layer>/fs`.
///
/// A layer is visible once its record is in the database, and its files are complete by then. Until they are known
/// to be on the disk the record carries the id of the running kernel: a layer of another one is taken away.
package final class Snapshotter: Sendable {
    /// The number of lower directories that the kernel takes (OVL_MAX_STACK).
    package static let maximumLayers = 500

    /// The directory of `snapshots`: the cache directory, or another one where that cannot hold overlays.
    let root: Path
    let snapshots: SharedDirectory
    /// Is told of what is written to layers.
    package let writeBehind: WriteBehind
    let database: Database
    /// How layers become trees here.
    package let kind: SnapshotKind
    /// What is recorded beside the files; `nil` where everything is real.
    private let ledgerScope: LedgerScope?
    /// Where overlay cannot be mounted.
    private let trees: PlainTrees?
    let inUse: ItemsInUse
    let boot = Process.bootID
    let state = Mutex(State())

    struct State {
        /// Layers that were seen with record and directory.
        var known: Set<LayerID> = []
        var used: Set<LayerID> = []
        var unsynchronized: Set<LayerID> = []
    }

    init(
        root: Path,
        directory: consuming Directory,
        database: Database,
        inUse: ItemsInUse,
        kind: SnapshotKind,
        ledgerScope: LedgerScope?
    ) throws {
        self.root = root
        snapshots = SharedDirectory(try directory.openDirectory("snapshots"))
        writeBehind = WriteBehind(snapshots)
        self.database = database
        self.inUse = inUse
        self.kind = kind
        self.ledgerScope = ledgerScope
        trees = try kind == .plain ? PlainTrees(root: root, directory: directory, marks: kind.marks, ledgerScope) : nil
    }

    /// Starts a new layer upon a parent.
    package func prepare(parent: Snapshot) throws -> ActiveSnapshot {
        let lowerPaths = try overlayPaths(of: parent)
        inUse.noteNew()
        let id = LayerID()
        let files = try ActiveFiles(id, in: snapshots, trees: trees)
        try files.home.directory.makeDirectory("fs")
        try files.home.directory.makeDirectory("work")
        let ledger = try ledger(of: parent, home: files.home)
        let upper = Directory(try files.home.directory.openDirectory("fs").descriptor.duplicate(), ledger: ledger)
        // The merged root shows the upper directory's owner and mode.
        if !parent.isEmpty, let top = lowerPaths.first {
            try copyMetadata(of: status(ofRoot: top, ledger), to: "", in: upper)
        }
        return ActiveSnapshot(
            id: id,
            parent: parent,
            upperPath: path(of: id),
            upper: upper,
            lowerPaths: lowerPaths,
            kind: kind,
            files: files
        )
    }

    /// The layer that was committed with this key; `nil` if there is none.
    package func find(key: String) throws -> LayerID? {
        guard let record = try database.layer(key: key), try contains(Snapshot(layers: [record.id])) else { return nil }
        return record.id
    }

    /// Whether all layers are there, with record and directory.
    ///
    /// Nobody removes them from then on, as long as this process lives.
    package func contains(_ snapshot: Snapshot) throws -> Bool {
        let unknown = state.withLock { state in snapshot.layers.filter { !state.known.contains($0) } }
        for layer in unknown {
            guard try inUse.hold(.layer(layer)) else { return false }
            guard try isPresent(layer) else {
                inUse.release(.layer(layer))
                return false
            }
            state.withLock { state in _ = state.known.insert(layer) }
        }
        return true
    }

    private func isPresent(_ layer: LayerID) throws -> Bool {
        try database.layer(layer) != nil && snapshots.directory.statusIfExists("\(layer.name)/fs") != nil
    }

    /// Notes a use of all layers; written by `flush`.
    package func use(_ snapshot: Snapshot) {
        state.withLock { $0.used.formUnion(snapshot.layers) }
    }

    /// The layers' directories, topmost first: what they hold, with overlay's marks for what they delete.
    package func lowerPaths(of snapshot: Snapshot) throws -> [Path] {
        guard snapshot.layers.count <= Snapshotter.maximumLayers else {
            throw StorageError.tooManyLayers(count: snapshot.layers.count, limit: Snapshotter.maximumLayers)
        }
        for layer in snapshot.layers {
            guard try contains(Snapshot(layers: [layer])) else { throw StorageError.missingLayer(layer) }
        }
        return snapshot.layers.reversed().map { path(of: $0) }
    }

    /// The lower directories of a writable overlay, topmost first; an empty one for the empty snapshot.
    func overlayPaths(of snapshot: Snapshot) throws -> [Path] {
        let paths = try lowerPaths(of: snapshot)
        return paths.isEmpty ? [emptyPath] : paths
    }

    /// Shows a snapshot as one tree, for reading.
    ///
    /// A descriptor of a plain tree is good until `removeTrees`.
    package func mountReadOnly(_ snapshot: Snapshot) throws -> MountedTree {
        var paths = try lowerPaths(of: snapshot)
        guard case .overlay(let userxattr) = kind else {
            guard let trees else { throw StorageError.abandoned }
            return try MountedTree(trees.view(of: snapshot) { path(of: $0) }, ledger: ledger(of: snapshot))
        }
        // Overlay wants two lower directories; and the whiteouts of a single layer must stay hidden.
        while paths.count < 2 { paths.append(paths.isEmpty ? emptyPath : root.appending("empty/below")) }
        let ledger = try ledger(of: snapshot)
        let options = DetachedMount.OverlayOptions(lower: paths, userxattr: userxattr, readOnly: true)
        return try MountedTree(DetachedMount.overlay(options, ledger: ledger))
    }

    /// Removes the trees that were put together, which nobody may use any more.
    package func removeTrees() {
        trees?.removeAll()
    }

    /// One layer's directory alone: what it holds, with overlay's marks for what it deletes.
    package func open(_ layer: LayerID) throws -> Directory {
        let ledger = try ledger(of: Snapshot(layers: [layer]))
        return Directory(try Directory.open(path(of: layer)).descriptor.duplicate(), ledger: ledger)
    }

    /// A directory that is no layer but has owners like one.
    package func openVolume(_ path: Path) throws -> Directory {
        let ledger = try ledgerScope.map { scope throws(SystemError) in try OwnershipLedger(scope) }
        return Directory(try Directory.open(path).descriptor.duplicate(), ledger: ledger)
    }

    /// The ledger of a snapshot, with later records in `home`; nil where everything is real.
    func ledger(of snapshot: Snapshot, home: SharedDirectory? = nil) throws -> OwnershipLedger? {
        guard let ledgerScope else { return nil }
        return try OwnershipLedger(ledgerScope, layers: snapshot.layers.map { path(of: $0).parent }, home: home)
    }

    /// The status of a layer's own root.
    func status(ofRoot path: Path, _ ledger: OwnershipLedger?) throws -> FileStatus {
        try Directory(Directory.open(path).descriptor.duplicate(), ledger: ledger).descriptor.status()
    }

    /// The directory of one layer.
    package func path(of layer: LayerID) -> Path {
        root.appending("snapshots").appending(layer.name).appending("fs")
    }

    private var emptyPath: Path { root.appending("empty/fs") }
}

/// Gives a name owner, mode and time of another file.
func copyMetadata(
    of status: FileStatus,
    to path: Path,
    in directory: borrowing Directory
) throws(SystemError) {
    try directory.setOwner(path, uid: status.uid, gid: status.gid)
    if status.kind != .symlink { try directory.setPermissions(path, status.permissions) }
    try directory.setTimes(path, modified: status.modified)
}
