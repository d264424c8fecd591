import Glibc
import LinuxSystem

// Making layers visible.
extension Snapshotter {
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
        let (size, shared) = try measure(active.files.home.directory, without: copied?.takenInodes ?? [])
        let sharing = copied?.sharing(shared)
        let now = FileTime.now.seconds
        let layer = LayerRecord(
            id: active.id,
            parent: parent.layers.last,
            key: key,
            size: size,
            sharing: sharing,
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
            // What was copied tells those that differ without a look at their files.
            if let copied, copiedFiles(of: candidate) != copied.digests { continue }
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

    /// The bytes of a layer without those of files that belong to others, and the inodes of these that it has.
    private func measure(
        _ home: borrowing Directory,
        without others: Set<UInt64>
    ) throws -> (size: Int64, shared: [UInt64]) {
        var meter = DiskMeter()
        return (try meter.measure(home, omitting: others), meter.omitted)
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
}
