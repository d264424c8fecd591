import LinuxSystem

/// Which records go, and down to which size.
package struct PrunePolicy: Sendable {
    /// `nil`: all kinds.
    package var kinds: Set<RecordKind>?
    /// Records that were used within this many seconds stay.
    package var keepDuration: Int64?
    /// Also internal and shared records.
    package var all: Bool
    /// Bytes that may always be kept.
    package var reservedSpace: Int64?
    /// Bytes that the cache may take.
    package var maxUsedSpace: Int64?
    /// Bytes that shall be free on the filesystem.
    package var minFreeSpace: Int64?
    /// What else must hold for a record to go.
    package var matches: @Sendable (UsageRecord) -> Bool

    package init(
        kinds: Set<RecordKind>? = nil,
        keepDuration: Int64? = nil,
        all: Bool = false,
        reservedSpace: Int64? = nil,
        maxUsedSpace: Int64? = nil,
        minFreeSpace: Int64? = nil,
        matches: @escaping @Sendable (UsageRecord) -> Bool = { _ in true }
    ) {
        self.kinds = kinds
        self.keepDuration = keepDuration
        self.all = all
        self.reservedSpace = reservedSpace
        self.maxUsedSpace = maxUsedSpace
        self.minFreeSpace = minFreeSpace
        self.matches = matches
    }

    /// What is done without being asked, in order (spec/05, 5.6); `limit`, in bytes, takes the place of the default one.
    package static func defaults(for disk: DiskSpace, limit: Int64? = nil) -> [PrunePolicy] {
        let most = limit ?? min(disk.total / 10 * 8, 100_000_000_000)
        let reserved = min(disk.total / 10, 10_000_000_000, most)
        let free = disk.total / 10 * 2
        let day: Int64 = 24 * 3600
        return [
            PrunePolicy(
                kinds: [.localSource, .cacheMount, .gitCheckout, .gitMirror],
                keepDuration: 2 * day,
                maxUsedSpace: 512_000_000
            ),
            PrunePolicy(
                keepDuration: 60 * day,
                reservedSpace: reserved,
                maxUsedSpace: most,
                minFreeSpace: free
            ),
            PrunePolicy(reservedSpace: reserved, maxUsedSpace: most, minFreeSpace: free),
            PrunePolicy(all: true, reservedSpace: reserved, maxUsedSpace: most, minFreeSpace: free),
        ]
    }

    /// The records that go, in the order in which they go.
    ///
    /// Those that were used long ago and seldom go first, until the rest fits. What is in use stays, and so does what
    /// something stands upon that stays.
    package func selection(from records: [UsageRecord], disk: DiskSpace, now: Int64) -> [UsageRecord] {
        let used = records.filter { kinds?.contains($0.kind) ?? true }.reduce(0) { $0 + $1.size }
        let parents = Set(records.flatMap(\.parents))
        var queue = PruneQueue(records, excess: target(used, disk).map { used - $0 })
        for record in ordered(records.filter { isCandidate($0, now) }) {
            // Shared with what is no record itself.
            if !all, record.isShared, !parents.contains(record.id) { continue }
            queue.add(record)
        }
        return queue.selected
    }

    private func isCandidate(_ record: UsageRecord, _ now: Int64) -> Bool {
        if !(kinds?.contains(record.kind) ?? true) { return false }
        if let keepDuration, record.lastUsed > now - keepDuration { return false }
        if !record.isReclaimable || !all && (record.kind == .internal || record.kind == .frontend) { return false }
        return matches(record)
    }

    /// The size to come down to; `nil` if there is no limit, so that every candidate goes.
    private func target(_ used: Int64, _ disk: DiskSpace) -> Int64? {
        if maxUsedSpace == nil && minFreeSpace == nil { return reservedSpace }
        let shortfall = max(0, (minFreeSpace ?? 0) - disk.available)
        return max(min(maxUsedSpace ?? used, used - shortfall), reservedSpace ?? 0)
    }

    /// Sorted by the sum of two ranks: how long ago and how seldom.
    ///
    /// What stands upon something goes before it.
    private func ordered(_ records: [UsageRecord]) -> [UsageRecord] {
        let byTime = ranks(records) { $0.lastUsed }
        let byCount = ranks(records) { Int64($0.usageCount) }
        return records.sorted { left, right in
            let scores = (
                (byTime[left.lastUsed] ?? 0) + (byCount[Int64(left.usageCount)] ?? 0),
                (byTime[right.lastUsed] ?? 0) + (byCount[Int64(right.usageCount)] ?? 0)
            )
            if scores.0 != scores.1 { return scores.0 < scores.1 }
            return (right.createdAt, left.id) < (left.createdAt, right.id)
        }
    }

    /// Each value's place among the different values, between 0 and 1.
    private func ranks(_ records: [UsageRecord], _ value: (UsageRecord) -> Int64) -> [Int64: Double] {
        let values = Set(records.map(value)).sorted()
        return Dictionary(
            uniqueKeysWithValues: values.enumerated().map { ($1, Double($0) / Double(max(1, values.count - 1))) }
        )
    }
}
