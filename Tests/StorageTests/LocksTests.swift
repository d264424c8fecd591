import LinuxSystem
import Storage
import Synchronization
import Testing

struct LocksTests {
    @Test func aKeyIsHeldByOneAtATimeAcrossOpenings() async throws {
        try await withTemporaryRoot { path throws in
            let caches = try (0..<3).map { _ in try CacheDirectory.open(path, userxattr: false) }
            let inside = Counter()
            try await withThrowingTaskGroup { group in
                for number in 0..<9 {
                    group.addTask {
                        try await caches[number % 3].locks.withKey("layer") {
                            inside.enter()
                            await Task.yield()
                            inside.leave()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(inside.most == 1 && inside.total == 9)
        }
    }

    @Test func keysDoNotDisturbEachOther() async throws {
        try await withCache { cache throws in
            let result = try await cache.locks.withKey("a") {
                try await cache.locks.withKey("b") { try cache.locks.tryAcquire("a") == nil }
            }
            #expect(result)
            #expect(try cache.locks.tryAcquire("a") != nil)
        }
    }

    @Test func waitingCanBeCancelled() async throws {
        try await withCache { cache throws in
            let held = try cache.locks.tryAcquire("a")
            let task = Task { try await cache.locks.withKey("a") {} }
            task.cancel()
            await #expect(throws: Cancelled.self) { try await task.value }
            withExtendedLifetime(held) {}
        }
    }

    @Test func sharedCacheMountsAreOneDirectoryAndPrivateOnesAreNot() async throws {
        try await withCache { cache throws in
            let first = try await cache.mounts.acquire("id", sharing: .shared) { path in
                try Directory.open(path).writeFile("seed", [1])
            }
            let second = try await cache.mounts.acquire("id", sharing: .shared) { _ in throw CancellationError() }
            #expect(first.path == second.path)
            #expect(try Directory.open(first.path).readFile("seed") == [1])
            try Directory.open(first.path).writeFile("x", [])
            var privates: [CacheMountLease] = []
            for _ in 0..<3 { privates.append(try await cache.mounts.acquire("own", sharing: .private)) }
            #expect(Set(privates.map(\.path)).count == 3)
            let paths = privates.map(\.path)
            privates.removeAll()
            #expect(try await paths.contains(cache.mounts.acquire("own", sharing: .private).path))
        }
    }

    @Test func aCacheMountThatCouldNotBeFilledIsNone() async throws {
        try await withCache { cache throws in
            await #expect(throws: CancellationError.self) {
                try await cache.mounts.acquire("id", sharing: .shared) { path in
                    try Directory.open(path).writeFile("half", [])
                    throw CancellationError()
                }
            }
            let lease = try await cache.mounts.acquire("id", sharing: .shared)
            #expect(try Directory.open(lease.path).entries().isEmpty)
        }
    }

    @Test func freshCacheMountsAreEmptyAndStay() async throws {
        try await withCache { cache throws in
            let old = try await cache.mounts.acquire("id", sharing: .shared)
            let new = try await cache.mounts.acquire("id", sharing: .shared, fresh: true)
            #expect(old.path != new.path)
            #expect(try await cache.mounts.acquire("id", sharing: .shared).path == new.path)
        }
    }

    @Test func lockedCacheMountsWaitForEachOther() async throws {
        try await withCache { cache throws in
            let inside = Counter()
            try await withThrowingTaskGroup { group in
                for _ in 0..<5 {
                    group.addTask {
                        let lease = try await cache.mounts.acquire("id", sharing: .locked)
                        inside.enter()
                        await Task.yield()
                        inside.leave()
                        withExtendedLifetime(lease) {}
                    }
                }
                try await group.waitForAll()
            }
            #expect(inside.most == 1 && inside.total == 5)
        }
    }
}

/// Counts who is inside at the same time.
private final class Counter: Sendable {
    private let state = Mutex((now: 0, most: 0, total: 0))

    func enter() {
        state.withLock {
            $0.now += 1
            $0.total += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() {
        state.withLock { $0.now -= 1 }
    }

    var most: Int { state.withLock { $0.most } }
    var total: Int { state.withLock { $0.total } }
}
