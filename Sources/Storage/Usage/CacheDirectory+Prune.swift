import LinuxSystem
import OCI

/// What came of pruning.
package struct PruneReport: Sendable {
    /// What is gone, in the order in which it went.
    package var removed: [UsageRecord] = []
    /// What no build finds any more and whose files are still there, with the reason.
    package var failures: [(record: UsageRecord, error: any Error)] = []

    /// Bytes of what is gone that stay on the disk, because layers that stay share them.
    var kept: Int64 = 0

    /// Bytes that were given back.
    package var size: Int64 { max(0, removed.reduce(0) { $0 + $1.size } - kept) }
}

// Getting rid of what takes space.
extension CacheDirectory {
    /// Removes what the policies say, one after the other, and never what a process uses, this one included.
    ///
    /// After `deadline` nothing more is begun. Where the kernel cannot tell what others use, `inUse` is thrown if there are
    /// others.
    package func prune(
        _ policies: [PrunePolicy],
        now: Int64 = FileTime.now.seconds,
        deadline: ContinuousClock.Instant? = nil
    ) throws -> PruneReport {
        try finish()
        let report = try pruneNow(policies, now: now, deadline: deadline)
        if !report.removed.isEmpty { try database.compact() }
        return report
    }

    /// The same without writing first what is only in memory.
    func pruneNow(
        _ policies: [PrunePolicy],
        now: Int64 = FileTime.now.seconds,
        deadline: ContinuousClock.Instant? = nil,
        measuring: UsageSurvey.Measured = .unrecorded
    ) throws -> PruneReport {
        if inUse.isPrecise { return try pruneItems(policies, now, deadline, measuring) }
        return try withExclusiveUse {
            inUse.setAlone(true)
            defer { inUse.setAlone(false) }
            return try pruneItems(policies, now, deadline, measuring)
        }
    }

    private func pruneItems(
        _ policies: [PrunePolicy],
        _ now: Int64,
        _ deadline: ContinuousClock.Instant?,
        _ measured: UsageSurvey.Measured
    ) throws -> PruneReport {
        var report = PruneReport()
        for policy in policies {
            // What a layer shares with others is not given back before those go, too.
            var kept: Int64
            repeat {
                kept = report.kept
                let disk = try directory.descriptor.diskSpace()
                try remove(policy.selection(from: try survey(measured), disk: disk, now: now), deadline, &report)
            } while report.kept > kept
        }
        try mounts.removeForgotten()
        try locks.removeIdle(now: now)
        return report
    }

    /// How many records are removed with one change of the database.
    private static let batchSize = 128

    /// Removes what nobody uses of `records`, in which what stands upon something comes before it.
    private func remove(
        _ records: [UsageRecord],
        _ deadline: ContinuousClock.Instant?,
        _ report: inout PruneReport
    ) throws {
        var barred: Set<String> = []
        for start in stride(from: 0, to: records.count, by: Self.batchSize) {
            if let deadline, ContinuousClock.now >= deadline { return }
            var claimed: [(record: UsageRecord, claim: ItemClaim)] = []
            for record in records[start..<min(start + Self.batchSize, records.count)] {
                if !barred.contains(record.id), let claim = try record.item.flatMap({ try inUse.claim($0) }) {
                    claimed.append((record, claim))
                } else {
                    barred.formUnion(record.parents)
                }
            }
            try remove(claimed, &report)
        }
    }

    private func remove(
        _ claimed: [(record: UsageRecord, claim: ItemClaim)],
        _ report: inout PruneReport
    ) throws {
        let layers = claimed.compactMap { $0.record.layer }
        var failures = try removeLayers(layers, &report)
        for (record, claim) in claimed {
            do {
                switch claim.item {
                case .layer(let layer): if let error = failures.removeValue(forKey: layer) { throw error }
                case .blob(let digest): try content.remove(digest)
                case .volume(let name): try mounts.remove(name)
                case .mirror(let name): try mirrors.remove(name)
                case .contextIndex(let name): try contexts.remove(name)
                }
                report.removed.append(record)
            } catch {
                report.failures.append((record, error))
            }
        }
    }

    /// Removes layers, and their blobs where no other layer has the same.
    private func removeLayers(_ layers: [LayerID], _ report: inout PruneReport) throws -> [LayerID: any Error] {
        if layers.isEmpty { return [:] }
        let before = try database.blobOwners()
        let (failures, kept) = try snapshots.remove(layers)
        report.kept += kept
        let after = try database.blobOwners()
        for text in before.keys where after[text] == nil {
            guard let digest = try? Digest(text), let claim = try inUse.claim(.blob(digest)) else { continue }
            try content.remove(digest)
            withExtendedLifetime(claim) {}
        }
        return failures
    }
}

extension UsageRecord {
    /// The layer that the record is; `nil` if it is none.
    fileprivate var layer: LayerID? {
        if case .layer(let layer) = item { layer } else { nil }
    }
}
