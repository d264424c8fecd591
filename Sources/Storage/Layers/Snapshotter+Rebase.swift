import LinuxSystem

extension Snapshotter {
    /// Puts a layer that was started upon nothing upon a parent, as an image's layers are: they are unpacked at the same
    /// time, and only then is there a parent.
    ///
    /// A root that the layer left as it was made looks like the parent's.
    package func rebase(
        _ active: consuming ActiveSnapshot,
        onto parent: Snapshot
    ) throws -> ActiveSnapshot {
        let lowerPaths = try overlayPaths(of: parent)
        // With what the layer itself has recorded so far.
        try active.upper.ledger?.finish()
        let ledger = try ledger(of: parent, home: active.files.home)
        if !parent.isEmpty, let top = lowerPaths.first {
            let status = try active.upper.descriptor.status()
            if status.permissions == 0o755, status.uid == 0, status.gid == 0 {
                try copyMetadata(of: self.status(ofRoot: top, ledger), to: "", in: active.upper)
            }
        }
        return ActiveSnapshot(
            id: active.id,
            parent: parent,
            upperPath: active.upperPath,
            upper: Directory(try active.upper.descriptor.duplicate(), ledger: ledger),
            lowerPaths: lowerPaths,
            kind: kind,
            files: active.files
        )
    }
}
