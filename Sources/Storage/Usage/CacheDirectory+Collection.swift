import LinuxSystem

// Getting rid, without being asked, of what was not used for long.
extension CacheDirectory {
    /// Whether this process has made anything, or nobody has looked for what is old since yesterday or with this limit:
    /// one look at a small file.
    package func needsCollection(limit: SpaceLimit?) throws -> Bool {
        try inUse.hasNew || !isCollected(limit)
    }

    /// Removes what the default policies say and, with a limit, what the cache takes beyond it: for `budget` at most, and
    /// the rest after a later build.
    ///
    /// Call it when a build has ended, however it did: nothing of it counts as in use any more. Only one process collects
    /// at a time.
    package func collect(limit: SpaceLimit?, budget: Duration = .seconds(1)) throws {
        let deadline = ContinuousClock.now + budget
        guard let lock = try FileLock.tryAcquire("locks/collect", in: directory, .exclusive) else { return }
        try finish()
        try recordSizes()
        inUse.releaseAll()
        let disk = try directory.descriptor.diskSpace()
        let policies = PrunePolicy.defaults(for: disk, limit: limit?.bytes(on: disk))
        let report = try prune(policies, deadline: deadline)
        if try report.removed.isEmpty && !isCollected(limit) { try noteCollection(limit) }
        withExtendedLifetime(lock.descriptor.raw) {}
    }

    /// Holds the limit of the last collection that found nothing to remove.
    private static let note: Path = "collected"
    /// What is unused becomes old without anybody doing anything: seconds.
    private static let interval: Int64 = 24 * 3600

    private func isCollected(_ limit: SpaceLimit?) throws -> Bool {
        guard let status = try directory.statusIfExists(Self.note),
            status.modified.seconds > FileTime.now.seconds - Self.interval
        else { return false }
        return try directory.readFile(Self.note, limit: 1 << 10) == Self.text(limit)
    }

    private func noteCollection(_ limit: SpaceLimit?) throws {
        try directory.replaceFile(Self.note, with: Self.text(limit))
    }

    private static func text(_ limit: SpaceLimit?) -> [UInt8] {
        Array("\(limit.map { "\($0)" } ?? "default")\n".utf8)
    }
}
