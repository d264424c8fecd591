import LinuxSystem
import OCI

// What takes space in the cache directory, and getting rid of it.
extension CacheDirectory {
    /// Everything that takes space, in no order.
    package func usage() throws -> [UsageRecord] {
        let layers = try database.layers()
        var children: [LayerID: Int] = [:]
        for layer in layers {
            if let parent = layer.parent { children[parent, default: 0] += 1 }
        }
        let records = layers.map { layer in
            UsageRecord(
                id: layer.id.name,
                parents: layer.parent.map { [$0.name] } ?? [],
                kind: layer.kind,
                size: layer.size,
                createdAt: layer.createdAt,
                lastUsed: layer.lastUsed,
                usageCount: layer.usageCount,
                description: layer.description,
                isShared: children[layer.id, default: 0] > 1
            )
        }
        return try records + mounts.usage()
    }

    /// Removes what the policies say, one after the other; gives the removed records.
    ///
    /// Throws `inUse`, without waiting, if another process uses the cache directory. Nothing of this process may be
    /// in use either: no mounts, no active snapshots, no leases.
    package func prune(_ policies: [PrunePolicy], now: Int64 = FileTime.now.seconds) throws -> [UsageRecord] {
        try finish()
        return try withExclusiveUse {
            var removed: [UsageRecord] = []
            for policy in policies {
                let selected = policy.selection(
                    from: try usage(),
                    disk: try directory.descriptor.diskSpace(),
                    now: now
                )
                try remove(selected)
                removed += selected
            }
            try mounts.removeForgotten()
            if !removed.isEmpty { try removeUnrecordedBlobs() }
            return removed
        }
    }

    private func remove(_ records: [UsageRecord]) throws {
        try snapshots.remove(Set(records.filter { $0.kind != .cacheMount }.compactMap { LayerID($0.id) }))
        for record in records where record.kind == .cacheMount { try mounts.remove(record.id) }
    }

    /// Removes the blobs of layers that are gone.
    ///
    /// Small ones, which are manifests and configurations, stay.
    private func removeUnrecordedBlobs() throws {
        let recorded = try database.recordedBlobs()
        for blob in try content.list() where blob.size > 1 << 20 && !recorded.contains(blob.digest.description) {
            try content.remove(blob.digest)
        }
    }
}
