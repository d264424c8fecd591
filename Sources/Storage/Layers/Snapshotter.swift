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
    let database: Database
    /// How layers become trees here.
    package let kind: SnapshotKind
    /// What is recorded beside the files; `nil` where everything is real.
    private let ledgerScope: LedgerScope?
    /// Where overlay cannot be mounted.
    private let trees: PlainTrees?
    private let inUse: ItemsInUse
    private let boot = Process.bootID
    private let state = Mutex(State())

    private struct State {
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

    /// Makes a finished layer visible and gives the parent with it on top.
    ///
    /// No mount of it may be left. With a `key`, a layer that another process recorded under it meanwhile is given
    /// instead; as far as `reuse` allows, one upon the same parent that holds the same. What it holds survives the process
    /// at once, and the machine after `flush`.
    package func commit(
        _ active: consuming ActiveSnapshot,
        key: String? = nil,
        description: String = "",
        kind: RecordKind = .regular,
        reuse: LayerReuse = .never,
        copied: CopiedFiles? = nil
    ) throws -> Snapshot {
        let parent = active.parent
        try active.files.home.directory.removeTree("work")
        try copied?.write(to: active.files.home.directory)
        try active.files.collectChanges(into: active.upper, marks: active.marks)
        try active.upper.ledger?.finish()
        if boot == nil { try active.upper.descriptor.syncFilesystem() }
        let now = FileTime.now.seconds
        let layer = LayerRecord(
            id: active.id,
            parent: parent.layers.last,
            key: key,
            size: try measure(active.files.home.directory) - (copied?.sharing?.size ?? 0),
            sharing: copied?.sharing,
            createdAt: now,
            lastUsed: now,
            usageCount: 1,
            description: description,
            kind: kind
        )
        if let equal = try equal(to: layer, active.upper, reuse, copied) {
            if let copied { try database.setCopy(equal, of: copied.source) }
            return parent.appending(equal)
        }
        guard try record(layer) else {
            // Its key is taken: by a process that was faster.
            guard let key, let other = try find(key: key) else { throw StorageError.missingLayer(active.id) }
            return parent.appending(other)
        }
        active.files.keep()
        state.withLock { state in
            state.known.insert(layer.id)
            if boot != nil { state.unsynchronized.insert(layer.id) }
        }
        if let copied { try database.setCopy(layer.id, of: copied.source) }
        let snapshot = parent.appending(layer.id)
        active.files.release(as: snapshot)
        return snapshot
    }

    /// A layer upon the same parent that holds the same as one that is about to be recorded; `nil` if there is none.
    private func equal(
        to layer: LayerRecord,
        _ upper: borrowing Directory,
        _ reuse: LayerReuse,
        _ copied: CopiedFiles?
    ) throws -> LayerID? {
        if reuse == .never { return nil }
        for candidate in try database.siblings(of: layer) {
            // What was copied tells most that differ without a look at their files.
            if let copied, let other = try copiedFiles(of: candidate), other != copied.digests { continue }
            let snapshot = Snapshot(layers: [candidate])
            guard try contains(snapshot), let times = try times(of: layer.id, candidate, reuse),
                try LayerEquality.areEqual(upper, open(candidate), times: times)
            else { continue }
            use(snapshot)
            return candidate
        }
        return nil
    }

    /// Which times count between two layers; `nil` where that cannot be known.
    private func times(of layer: LayerID, _ other: LayerID, _ reuse: LayerReuse) throws -> LayerEquality.Times? {
        guard reuse == .ignoringTimesOfRunning else { return LayerEquality.Times.none }
        guard let left = try making(of: layer), let right = try making(of: other) else { return nil }
        return .except(left: left, right: right)
    }

    /// When a layer was made: its directory is the first thing of it, and is last changed when it is finished.
    private func making(of layer: LayerID) throws -> ClosedRange<FileTime>? {
        let status = try snapshots.directory.status(Path(layer.name))
        return status.born.seconds > 0 && status.born <= status.changed ? status.born...status.changed : nil
    }

    private func measure(_ home: borrowing Directory) throws -> Int64 {
        var meter = DiskMeter()
        return try meter.measure(home)
    }

    /// Records a layer of this process, which uses it from then on; false where its key is taken.
    private func record(_ layer: LayerRecord) throws -> Bool {
        try inUse.holdNew(.layer(layer.id))
        // One that is being removed may still have the key.
        for _ in 0..<1000 {
            if try database.insert(layer, boot: boot) { return true }
            guard let key = layer.key, try find(key: key) == nil else { break }
            try forgetLost(key)
            usleep(2_000)
        }
        inUse.release(.layer(layer.id))
        return false
    }

    /// Removes the record of a layer whose directory is gone, as one that lay in a directory for temporary files.
    private func forgetLost(_ key: String) throws {
        guard let lost = try database.layer(key: key)?.id,
            try snapshots.directory.statusIfExists("\(lost.name)/fs") == nil
        else { return }
        let claim = try inUse.claim(.layer(lost))
        if claim != nil || !inUse.isPrecise { try database.removeLayers([lost]) }
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

    /// Removes layers and all that was recorded of them; the caller has claimed them.
    ///
    /// Gives those whose files could not be removed, with the reason; nobody finds them any more. And the bytes that stay on
    /// the disk, because other layers share them.
    func remove(_ layers: [LayerID]) throws -> (failures: [LayerID: any Error], kept: Int64) {
        // Records first: a directory without one is a leftover, whatever happens here.
        let kept = try database.removeLayers(Set(layers))
        state.withLock { state in
            state.known.subtract(layers)
            state.used.subtract(layers)
            state.unsynchronized.subtract(layers)
        }
        var failures: [LayerID: any Error] = [:]
        for layer in layers {
            do {
                // Under its lock, since others remove leftovers, too.
                try removeIfAbandoned(Path(layer.name), in: snapshots.directory)
            } catch {
                failures[layer] = error
            }
        }
        return (failures, kept)
    }

    /// Writes all new layers to the disk, and the uses that were noted.
    package func flush() throws {
        let (fresh, used) = state.withLock { state in
            defer {
                state.unsynchronized = []
                state.used = []
            }
            return (state.unsynchronized, state.used)
        }
        if !fresh.isEmpty {
            try snapshots.directory.descriptor.syncFilesystem()
            try database.markSynchronized(fresh)
        }
        try database.touch(used)
    }

    /// Removes layers that an earlier run of the kernel may have lost parts of, and unfinished ones of dead processes.
    func removeLeftovers() throws {
        if let boot {
            let doubtful = try database.unsynchronizedLayers(otherThan: boot)
            try database.removeLayers(Set(doubtful))
        }
        let recorded = try database.layerIDs()
        for entry in try snapshots.directory.entries() where !recorded.contains(entry.name.string) {
            try removeLeftover(entry.name)
        }
    }

    private func removeLeftover(_ name: Path) throws {
        do {
            try removeIfAbandoned(name, in: snapshots.directory) {
                // Asked again under the lock: it may have been committed in between.
                guard let id = LayerID(name.string) else { return true }
                return try database.layer(id) == nil
            }
        } catch let error as SystemError where error.isPermission {
            // Files of ids that this process does not have: `du` shows them.
        }
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
