import Archive
import LinuxSystem
import Synchronization

/// The plain trees of this process: those that are read, and those that wait for the next step of their chain.
final class PlainTrees: Sendable {
    private struct State {
        /// What readers may have open; never changed.
        var views: [Snapshot: PlainTree] = [:]
        /// What a file operation made and nobody reads yet: the next one may go on in it.
        var fresh: [Snapshot: PlainTree] = [:]
        /// Trees that a step left.
        var idle: [(snapshot: Snapshot, tree: PlainTree)] = []
    }

    private let home: SharedDirectory
    private let mounts: SharedDirectory
    private let path: Path
    private let marks: LayerMarks
    private let scope: LedgerScope?
    private let state = Mutex(State())

    init(root: Path, directory: borrowing Directory, marks: LayerMarks, _ scope: LedgerScope?) throws {
        self.scope = scope
        home = SharedDirectory(try directory.openDirectory("trees"))
        mounts = SharedDirectory(try directory.openDirectory("mounts"))
        path = root.appending("trees")
        self.marks = marks
    }

    /// The tree of a snapshot, for reading; `layer` gives the directory of a layer.
    func view(of snapshot: Snapshot, _ layer: (LayerID) -> Path) throws -> PlainTree {
        let known = state.withLock { state in
            if let fresh = state.fresh.removeValue(forKey: snapshot) { state.views[snapshot] = fresh }
            return state.views[snapshot]
        }
        if let known { return known }
        let made = try make(.linked, of: snapshot, layer)
        return state.withLock { state in
            // Somebody may have been faster.
            let first = state.views[snapshot] ?? made
            state.views[snapshot] = first
            return first
        }
    }

    /// A tree of a snapshot that the caller may change, as `content` allows.
    func take(_ content: PlainTree.Content, of snapshot: Snapshot, _ layer: (LayerID) -> Path) throws -> PlainTree {
        switch content {
        case .linked:
            if let fresh = state.withLock({ $0.fresh.removeValue(forKey: snapshot) }) { return fresh }
        case .copied:
            if let (below, tree) = state.withLock({ Self.nearest(snapshot, &$0.idle) }) {
                let rest = snapshot.layers.dropFirst(below.layers.count)
                if !rest.isEmpty { try tree.apply(rest.map(layer), marks: marks) }
                return tree
            }
        }
        return try make(content, of: snapshot, layer)
    }

    /// Keeps a tree that is in accord with a snapshot now.
    func keep(_ tree: PlainTree, as snapshot: Snapshot) {
        state.withLock { state in
            switch tree.content {
            case .linked: state.fresh[snapshot] = tree
            case .copied: state.idle.append((snapshot, tree))
            }
        }
    }

    /// Removes all trees that nobody uses now.
    func removeAll() {
        // Removing takes its time: not under the lock.
        let dropped = state.withLock { state in
            let dropped = state
            state = State()
            return dropped
        }
        withExtendedLifetime(dropped) {}
    }

    /// Removes the trees of processes that have died.
    static func removeLeftovers(in cache: borrowing Directory) throws {
        let home = try cache.openDirectory("trees")
        let mounts = try cache.openDirectory("mounts")
        for entry in try home.entries() {
            try removeIfAbandoned(entry.name, in: home) {
                // A volume that cannot be brought back is kept where it is.
                let tree = try home.openDirectory(entry.name, .noSymlinks)
                return (try? CacheMounts.takeBack(from: tree, to: mounts)) != nil
            }
        }
    }

    private func make(
        _ content: PlainTree.Content,
        of snapshot: Snapshot,
        _ layer: (LayerID) -> Path
    ) throws -> PlainTree {
        let tree = try PlainTree(content, in: home, path: path, mounts: mounts, scope)
        try tree.apply(snapshot.layers.map(layer), marks: marks)
        return tree
    }

    /// Takes the tree that has most of the layers of `snapshot` and no others.
    private static func nearest(
        _ snapshot: Snapshot,
        _ trees: inout [(snapshot: Snapshot, tree: PlainTree)]
    ) -> (Snapshot, PlainTree)? {
        let candidates = trees.indices.filter { snapshot.layers.starts(with: trees[$0].snapshot.layers) }
        let nearest = candidates.max { trees[$0].snapshot.layers.count < trees[$1].snapshot.layers.count }
        return nearest.map { trees.remove(at: $0) }
    }
}
