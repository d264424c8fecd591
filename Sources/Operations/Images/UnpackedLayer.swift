import Archive
import LinuxSystem
import Storage

/// A layer that is unpacked, and waits for the layers below it.
final class UnpackedLayer: Sendable {
    private let layer: PendingLayer
    private let changes: UnpackChanges

    init(_ active: consuming sending ActiveSnapshot, _ changes: UnpackChanges) {
        layer = PendingLayer(active)
        self.changes = changes
    }

    /// Completes the layer with what only those below it know, and makes it visible; once.
    func commit(_ layer: ImageLayer, onto parent: Snapshot, _ snapshots: Snapshotter) async throws -> Snapshot {
        try await BlockingThread.run("commit layer") { [self] _ in
            let active = try snapshots.rebase(self.layer.take(), onto: parent)
            if !parent.isEmpty {
                if changes.needsParent {
                    try LayerFixer.complete(active, parent: snapshots.mountReadOnly(parent), changes)
                }
            } else if let link = changes.missingLinks.first {
                throw ArchiveError.refused(
                    entry: link.path,
                    reason: "the target `\(link.target)` of the hard link does not exist"
                )
            }
            return try snapshots.commit(active, key: layer.key, description: "pulled \(layer.descriptor.digest)")
        }
    }
}
