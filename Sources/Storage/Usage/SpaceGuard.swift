import LinuxSystem

/// Keeps the cache directory below a limit while builds write to it, those of other processes, too.
///
/// What the disk loses tells when to look again, since every byte that anybody writes shows there; looking means to add up
/// the recorded sizes and to measure what is being made. Far from the limit that is done once a second at most, and never
/// takes more than a fifth of the time. A step may so go beyond the limit by what it writes in that time.
package struct SpaceGuard: Sendable {
    private let cache: CacheDirectory
    /// Bytes.
    private let limit: Int64

    /// How often the disk is looked at.
    private static let period: Duration = .milliseconds(20)

    package init(_ cache: CacheDirectory, limit: Int64) {
        self.cache = cache
        self.limit = limit
    }

    /// Runs `body`; as soon as the cache cannot be kept below the limit, `body` is cancelled and `StorageError.full` thrown.
    package func run<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await watch()
                return nil
            }
            // Whichever ends first; the other one is cancelled, and awaited when the group ends.
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Makes room where the cache is above its limit; `StorageError.full` where there is none to make.
    package func check() async throws {
        guard cache.inUse.hasNew else { return }
        _ = try await BlockingThread.run("measure cache") { _ in try makeRoom() }
    }

    private func watch() async throws {
        let clock = ContinuousClock()
        var known: (used: Int64, available: Int64)?
        var next = clock.now
        var earliest = clock.now
        while true {
            try await Task.sleep(for: Self.period)
            guard cache.inUse.hasNew || known == nil else { continue }
            let available = try cache.directory.descriptor.diskSpace().available
            if let known, clock.now < next, known.used + known.available - available < limit { continue }
            if clock.now < earliest { continue }
            let start = clock.now
            known = (try await BlockingThread.run("measure cache") { _ in try makeRoom() }, available)
            let duration = clock.now - start
            earliest = clock.now + duration * 4
            next = clock.now + max(.seconds(1), duration * 20)
        }
    }

    /// The bytes that are used, after making room.
    private func makeRoom() throws -> Int64 {
        var used = try cache.currentSize()
        if used <= limit { return used }
        // Somewhat more than needed, so that it is not needed again at once.
        let policy = PrunePolicy(all: true, maxUsedSpace: limit - limit / 20)
        if let lock = try FileLock.tryAcquire("locks/collect", in: cache.directory, .exclusive) {
            _ = try cache.pruneNow([policy], measuring: .inUse)
            withExtendedLifetime(lock.descriptor.raw) {}
            used = try cache.currentSize()
        } else {
            // Another process is at it: what it leaves counts.
            let lock = try FileLock.acquire("locks/collect", in: cache.directory, .exclusive)
            withExtendedLifetime(lock.descriptor.raw) {}
            used = try cache.currentSize()
        }
        guard used <= limit else { throw StorageError.full(used: used, limit: limit) }
        return used
    }
}
