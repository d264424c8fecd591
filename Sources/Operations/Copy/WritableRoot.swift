import LinuxSystem
import Storage

/// The tree that file operations change: a parent and what is made upon it.
///
/// Overlay costs much for each file. So what is new in the layer is put directly into the layer's own directory, where the
/// mount has not looked yet; and the mount is made anew before it is asked again.
final class WritableRoot {
    /// The layer under the mount; `nil` where one directory is all there is.
    private let mounted: PendingLayer?
    private var merged: SharedDirectory?
    /// The new layer's directory, where what is made in the tree is; `nil` where that is found out only later.
    let layer: SharedDirectory?
    /// Whether something is in the layer's directory that the mount may not see.
    private(set) var isStale = false

    /// A directory that is all there is; nothing of it is in a layer.
    init(_ directory: SharedDirectory) {
        mounted = nil
        merged = directory
        layer = nil
    }

    /// The tree of a pending layer upon `parent`.
    init(_ pending: PendingLayer, parent: Snapshot, kind: SnapshotKind) throws {
        let upper = SharedDirectory(try pending.upper())
        if parent.isEmpty {
            mounted = nil
            merged = upper
            layer = upper
        } else {
            mounted = pending
            merged = SharedDirectory(try pending.mount().root.duplicate())
            layer = kind == .plain ? nil : upper
        }
    }

    /// Whether the layer's directory is the whole tree.
    var isWhole: Bool {
        guard let layer else { return false }
        return layer === merged
    }

    /// Notes that something was made in the layer's directory that the mount may not see.
    func noteHidden() { isStale = !isWhole }

    /// The tree as it is now; where it was stale, nothing of it may be open any more.
    func directory() throws -> SharedDirectory {
        if let mounted, isStale || merged == nil {
            // Not two mounts of one layer at the same time.
            merged = nil
            merged = SharedDirectory(try mounted.mount().root.duplicate())
            isStale = false
        }
        guard let merged else { throw StorageError.abandoned }
        return merged
    }
}
