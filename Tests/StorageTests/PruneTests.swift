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
        kind: LayerKind = .regular,
        shared: Bool = false
    ) -> UsageRecord {
        UsageRecord(
            id: id,
            kind: kind,
            size: size,
            createdAt: used,
            lastUsed: used,
            usageCount: count,
            isShared: shared
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

    @Test func defaultsFollowTheDisk() {
        let policies = PrunePolicy.defaults(for: DiskSpace(total: 50_000_000_000, available: 0))
        #expect(policies.count == 4)
        #expect(policies[2].reservedSpace == 5_000_000_000 && policies[2].maxUsedSpace == 40_000_000_000)
        #expect(policies[2].minFreeSpace == 10_000_000_000 && policies[3].all)
    }

    @Test func pruningRemovesLayersMountsAndTheirBlobs() async throws {
        try await withCache { cache throws in
            let key = Digest.sha256(of: "key")
            let snapshot = try cache.layer(["a": "1"])
            try cache.results.record("\(key)", snapshot)
            let big = try cache.content.store([UInt8](repeating: 1, count: 2 << 20))
            let small = try cache.content.store([1])
            try cache.database.setLayerBlob(
                LayerBlob(digest: big, size: 2 << 20, diffID: big),
                of: snapshot,
                encoding: "gzip"
            )
            let lease = try await cache.mounts.acquire("id", sharing: .shared)
            try Directory.open(lease.path).writeFile("x", [UInt8](repeating: 1, count: 100_000))
            let usage = try cache.usage()
            #expect(usage.count == 2)
            #expect(usage.first { $0.kind == .cacheMount }?.size ?? 0 >= 100_000)
            #expect(try cache.prune([PrunePolicy(kinds: [.regular])]).map(\.id) == [snapshot.layers[0].name])
            #expect(try cache.results.lookup("\(key)") == nil)
            #expect(try !cache.content.contains(big) && cache.content.contains(small))
            #expect(try cache.prune([PrunePolicy()]).map(\.kind) == [.cacheMount])
            #expect(try cache.usage().isEmpty)
            #expect(try cache.names(in: "mounts").isEmpty && cache.names(in: "snapshots").isEmpty)
        }
    }
}
