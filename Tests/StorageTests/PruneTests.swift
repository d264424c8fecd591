import LinuxSystem
import OCI
import Testing

@testable import Storage

struct PruneTests {
    private let disk = DiskSpace(total: 1000, available: 500)

    private func record(
        _ id: String,
        size: Int64 = 10,
        used: Int64 = 0,
        count: Int = 1,
        kind: RecordKind = .regular,
        parents: [String] = [],
        shared: Bool = false,
        inUse: Bool = false
    ) -> UsageRecord {
        UsageRecord(
            id: id,
            item: .volume(id),
            parents: parents,
            kind: kind,
            size: size,
            createdAt: used,
            lastUsed: used,
            usageCount: count,
            isShared: shared,
            isInUse: inUse
        )
    }

    @Test func withoutLimitsEverythingThatMatchesGoes() {
        let records = [
            record("old", used: 1), record("new", used: 90), record("shared", shared: true),
            record("internal", kind: .internal), record("mount", kind: .cacheMount),
        ]
        func ids(_ policy: PrunePolicy) -> [String] {
            policy.selection(from: records, disk: disk, now: 100).map(\.id).sorted()
        }
        #expect(ids(PrunePolicy()) == ["mount", "new", "old"])
        #expect(ids(PrunePolicy(all: true)).count == 5)
        #expect(ids(PrunePolicy(keepDuration: 50)) == ["mount", "old"])
        #expect(ids(PrunePolicy(kinds: [.cacheMount])) == ["mount"])
        #expect(ids(PrunePolicy(matches: { $0.id == "old" })) == ["old"])
    }

    @Test(arguments: [
        (PrunePolicy(maxUsedSpace: 25), ["a", "b"]),
        (PrunePolicy(maxUsedSpace: 40), []),
        (PrunePolicy(reservedSpace: 30, maxUsedSpace: 0), ["a"]),
        (PrunePolicy(reservedSpace: 30), ["a"]),
        (PrunePolicy(minFreeSpace: 515), ["a", "b"]),
        (PrunePolicy(minFreeSpace: 400), []),
        (PrunePolicy(reservedSpace: 100, minFreeSpace: 1000), []),
    ])
    func limitsAreReachedFromTheLeastUsed(_ policy: PrunePolicy, _ expected: [String]) {
        let records = [record("d", used: 4), record("b", used: 2), record("a", used: 1), record("c", used: 3)]
        #expect(policy.selection(from: records, disk: disk, now: 100).map(\.id) == expected)
    }

    @Test func manyUsesWeighAsMuchAsRecentOnes() {
        let records = [
            record("often", used: 1, count: 9), record("once", used: 2, count: 1), record("both", used: 3, count: 9),
        ]
        let policy = PrunePolicy(maxUsedSpace: 20)
        #expect(policy.selection(from: records, disk: disk, now: 100).map(\.id) == ["once"])
    }

    @Test func whatIsInUseStaysAndSoDoesWhatItStandsUpon() {
        let records = [
            record("base", used: 1, shared: true), record("used", used: 2, parents: ["base"], inUse: true),
            record("idle", used: 3, parents: ["base"]), record("top", used: 4, parents: ["idle"]),
            record("other", used: 9),
        ]
        func ids(_ policy: PrunePolicy, _ records: [UsageRecord]) -> [String] {
            policy.selection(from: records, disk: disk, now: 100).map(\.id)
        }
        #expect(ids(PrunePolicy(), records) == ["top", "idle", "other"])
        #expect(ids(PrunePolicy(maxUsedSpace: 40), records) == ["top"])
        // Nothing stands upon the base once the others are gone: it is not shared any more.
        let idle = records.filter { !$0.isInUse }
        #expect(ids(PrunePolicy(), idle) == ["top", "idle", "base", "other"])
    }

    @Test func defaultsFollowTheDisk() {
        let policies = PrunePolicy.defaults(for: DiskSpace(total: 50_000_000_000, available: 0))
        #expect(policies.count == 4)
        #expect(policies[2].reservedSpace == 5_000_000_000 && policies[2].maxUsedSpace == 40_000_000_000)
        #expect(policies[2].minFreeSpace == 10_000_000_000 && policies[3].all)
    }

    @Test func pruningRemovesLayersMountsAndTheirBlobs() async throws {
        try await withTemporaryRoot { path throws in
            let key = Digest.sha256(of: "key")
            var snapshot = Snapshot.empty
            var big = key
            var small = key
            do {
                let cache = try CacheDirectory.open(path, userxattr: false)
                snapshot = try cache.layer(["a": "1"])
                try cache.results.record("\(key)", snapshot)
                big = try cache.content.store([UInt8](repeating: 1, count: 2 << 20))
                small = try cache.content.store([1])
                try cache.database.setLayerBlob(
                    LayerBlob(digest: big, size: 2 << 20, diffID: big),
                    of: snapshot,
                    encoding: "gzip"
                )
                let lease = try await cache.mounts.acquire("id", sharing: .shared)
                try Directory.open(lease.path).writeFile("x", [UInt8](repeating: 1, count: 100_000))
            }
            let cache = try CacheDirectory.open(path, userxattr: false)
            let usage = try cache.measuredUsage()
            #expect(usage.first { $0.kind == .cacheMount }?.size ?? 0 >= 100_000)
            // The blob of a layer is part of it.
            #expect(usage.first { $0.kind == .regular }?.size ?? 0 >= 2 << 20)
            #expect(usage.filter { $0.kind == .blob }.map(\.id) == [String(small.hex.prefix(12))])
            let layers = try cache.prune([PrunePolicy(kinds: [.regular])])
            #expect(layers.removed.map(\.id) == [snapshot.layers[0].name] && layers.failures.isEmpty)
            #expect(try cache.results.lookup("\(key)") == nil)
            #expect(try Set(cache.prune([PrunePolicy()]).removed.map(\.kind)) == [.cacheMount, .blob])
            #expect(try !cache.content.contains(big) && !cache.content.contains(small))
            #expect(try cache.usage().allSatisfy { !$0.isReclaimable })
            #expect(try cache.names(in: "mounts").isEmpty && cache.names(in: "snapshots").isEmpty)
        }
    }

    @Test func whatAProcessUsesIsNotRemovedAndTheRestIs() async throws {
        try await withTemporaryRoot { path throws in
            var base = Snapshot.empty
            var idle = Snapshot.empty
            var used = Snapshot.empty
            do {
                let cache = try CacheDirectory.open(path, userxattr: false)
                base = try cache.layer(["a": "1"])
                idle = try cache.layer(on: base, ["b": "2"])
                used = try cache.layer(on: base, ["c": "3"])
                for snapshot in [idle, used] { try cache.results.record("\(snapshot)", snapshot) }
            }
            let build = try CacheDirectory.open(path, userxattr: false)
            #expect(try build.results.lookup("\(used)") != nil)
            let lease = try await build.mounts.acquire("id", sharing: .shared)
            let active = try build.snapshots.prepare(parent: used)
            let blob = try build.content.store([1, 2, 3])

            let other = try CacheDirectory.open(path, userxattr: false)
            #expect(try other.prune([PrunePolicy(all: true)]).removed.map(\.id) == [idle.layers[1].name])
            #expect(try build.content.contains(blob) && build.snapshots.contains(used))
            #expect(try other.names(in: "mounts") == [lease.path.lastComponent ?? ""])
            // Nor what the pruning process uses itself.
            #expect(try build.prune([PrunePolicy(all: true)]).removed.isEmpty)
            #expect(try build.snapshots.commit(active).layers.count == 3)
            withExtendedLifetime(lease) {}
        }
    }

    @Test func whatIsBeingRemovedIsNotFound() async throws {
        try await withTemporaryRoot { path throws in
            var layer = Snapshot.empty
            do { layer = try CacheDirectory.open(path, userxattr: false).layer(["a": "1"], key: "k") }
            let pruner = try CacheDirectory.open(path, userxattr: false)
            let build = try CacheDirectory.open(path, userxattr: false)
            let claim = try #require(try pruner.inUse.claim(.layer(layer.layers[0])))
            #expect(try !build.snapshots.contains(layer) && build.snapshots.find(key: "k") == nil)
            withExtendedLifetime(claim) {}
        }
    }

    @Test func theTotalIsWhatTheDirectoryTakes() async throws {
        try await withTemporaryRoot { path throws in
            do {
                let cache = try CacheDirectory.open(path, userxattr: false)
                let base = try cache.layer(["dir/a": String(repeating: "x", count: 70_000), "b": "1"])
                _ = try cache.layer(on: base, ["c": "3"])
                _ = try cache.content.store([UInt8](repeating: 7, count: 50_000))
                let lease = try await cache.mounts.acquire("id", sharing: .shared)
                try Directory.open(lease.path).writeFile("x", [UInt8](repeating: 1, count: 30_000))
                try cache.directory.makeDirectories("git/0123456789abcdef/objects")
                try cache.directory.writeFile("git/0123456789abcdef/HEAD", [UInt8](repeating: 1, count: 5000))
                try cache.directory.makeDirectories("history/1")
                try cache.directory.writeFile("history/1/log", [UInt8](repeating: 1, count: 9000))
                try cache.directory.writeFile("contexts/00", [UInt8](repeating: 1, count: 9000))
                try cache.directory.writeFile("stray", [UInt8](repeating: 1, count: 9000))
                try cache.finish()
            }
            var total: Int64 = 0
            do {
                let records = try CacheDirectory.open(path, userxattr: false).measuredUsage()
                total = records.reduce(0) { $0 + $1.size }
                #expect(records.contains { $0.kind == .history && $0.size >= 9000 })
                #expect(records.contains { $0.kind == .gitMirror && $0.size >= 5000 })
            }
            var meter = DiskMeter()
            #expect(try meter.measure(Directory.open(path)) == total)
        }
    }

    @Test func wrongSizesArePutRight() async throws {
        try await withCache { cache throws in
            let layer = try cache.layer(["a": String(repeating: "x", count: 70_000)])
            let size = try #require(try cache.usage().first { $0.kind == .regular }?.size)
            #expect(size >= 70_000)
            try cache.database.setSize(1, of: layer.layers[0])
            _ = try cache.measuredUsage()
            #expect(try cache.usage().first { $0.kind == .regular }?.size == size)
        }
    }
}
