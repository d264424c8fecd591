import Archive
import LinuxSystem
import Storage
import Synchronization

/// A layer that is unpacked, and waits for the layers below it.
final class UnpackedLayer: Sendable {
    private let active: Mutex<ActiveSnapshot?>
    private let changes: UnpackChanges

    init(_ active: consuming sending ActiveSnapshot, _ changes: UnpackChanges) {
        self.active = Mutex(active)
        self.changes = changes
    }

    /// Completes the layer with what only those below it know, and makes it visible; once.
    func commit(_ layer: ImageLayer, onto parent: Snapshot, _ snapshots: OverlaySnapshots) async throws -> Snapshot {
        try await BlockingThread.run("commit layer") { [self] _ in
            guard let taken = take() else { throw StorageError.abandoned }
            let active = try snapshots.rebase(taken, onto: parent)
            if !changes.impliedDirectories.isEmpty || !changes.missingLinks.isEmpty, !parent.isEmpty {
                let links = changes.missingLinks.map { LayerFixer.MissingLink(path: $0.path, target: $0.target) }
                try LayerFixer.complete(
                    active,
                    parent: try snapshots.mountReadOnly(parent),
                    impliedDirectories: changes.impliedDirectories,
                    missingLinks: links
                )
            } else if let link = changes.missingLinks.first {
                throw ArchiveError.refused(
                    entry: link.path,
                    reason: "the target `\(link.target)` of the hard link does not exist"
                )
            }
            if changes.hidesParentRoot { try Self.hideRoot(of: parent, in: active, snapshots) }
            return try snapshots.commit(active, key: layer.key, description: "pulled \(layer.descriptor.digest)")
        }
    }

    private func take() -> ActiveSnapshot? {
        active.withLock { active in
            var taken: ActiveSnapshot?
            swap(&taken, &active)
            return taken
        }
    }

    /// Deletes every name of the parent's root that the layer does not make, since a root cannot be marked opaque.
    private static func hideRoot(
        of parent: Snapshot,
        in active: borrowing ActiveSnapshot,
        _ snapshots: OverlaySnapshots
    ) throws {
        let mount = try snapshots.mountReadOnly(parent)
        for entry in try mount.root.entries() where try active.upper.statusIfExists(entry.name) == nil {
            try active.upper.makeNode(entry.name, kind: .characterDevice, mode: 0)
        }
    }
}
