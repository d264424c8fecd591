import LinuxSystem
import OCI
import Testing

@testable import Storage

/// Layers that have files in common.
struct CopiedFilesTests {
    private let source = Digest.sha256(of: "COPY")

    /// A layer with `large`, which it takes from `earlier` where that is given, and a small file of its own.
    private func layer(_ cache: CacheDirectory, _ text: String, from earlier: EarlierCopy? = nil) throws -> Snapshot {
        let active = try cache.snapshots.prepare(parent: .empty)
        var copied = CopiedFiles(source)
        try active.upper.writeFile("own", Array(text.utf8))
        if let earlier {
            try earlier.root.directory.link("large", to: "large", in: active.upper)
            let file = try active.upper.status("large")
            // The second is one that something else took the place of.
            copied.take([file.inode: file.allocatedSize, 1: 1 << 40], from: earlier.layer)
        } else {
            try active.upper.writeFile("large", [UInt8](repeating: 1, count: 1 << 20))
        }
        [UInt8](repeating: 5, count: CopiedFiles.digestSize).withUnsafeBytes { copied.digests.append("large", $0) }
        return try cache.snapshots.commit(active, reuse: .ignoringTimes, copied: copied)
    }

    private func size(_ cache: CacheDirectory, _ snapshot: Snapshot) throws -> Int64 {
        try #require(try cache.database.layer(snapshot.layers[0])).size
    }

    @Test func theNextCopyFindsWhatTheLastOneMade() async throws {
        try await withCache { cache throws in
            #expect(try cache.snapshots.earlierCopy(of: source) == nil)
            let first = try layer(cache, "1")
            let earlier = try #require(try cache.snapshots.earlierCopy(of: source))
            #expect(earlier.layer == first.layers[0] && earlier.digests.count == 1)
            let second = try layer(cache, "2", from: earlier)
            #expect(try cache.snapshots.earlierCopy(of: source)?.layer == second.layers[0])
            #expect(try cache.snapshots.earlierCopy(of: .sha256(of: "other")) == nil)
            // Its list is cut.
            try cache.directory.writeFile("snapshots/\(second.layers[0])/copied", [1, 2, 3])
            #expect(try cache.snapshots.earlierCopy(of: source) == nil)
        }
    }

    @Test func whatIsSharedCountsOnceAndStaysWithTheOther() async throws {
        try await withCache { cache throws in
            let first = try layer(cache, "1")
            let second = try layer(cache, "2", from: try cache.snapshots.earlierCopy(of: source))
            #expect(try size(cache, first) > 1 << 20)
            #expect(try size(cache, second) < 1 << 16)
            #expect(try cache.usage().reduce(0) { $0 + $1.size } < 3 << 19)
            let whole = try size(cache, first)
            let (failures, kept) = try cache.snapshots.remove(first.layers)
            #expect(failures.isEmpty && kept >= 1 << 20)
            #expect(try size(cache, second) > 1 << 20 && size(cache, second) <= whole)
            #expect(try cache.snapshots.open(second.layers[0]).readFile("large").count == 1 << 20)
            // The next one shares with a layer that is there.
            #expect(try cache.snapshots.remove(second.layers).kept == 0)
            #expect(try cache.snapshots.earlierCopy(of: source) == nil)
        }
    }

    @Test func pruningGoesOnUntilThereIsRoom() async throws {
        try await withCache { cache throws in
            var layers = [try layer(cache, "0")]
            for text in ["1", "2", "3"] {
                layers.append(try layer(cache, text, from: try cache.snapshots.earlierCopy(of: source)))
            }
            try cache.finish()
            cache.inUse.releaseAll()
            let report = try cache.prune([PrunePolicy(all: true, maxUsedSpace: 1 << 19)])
            // Only with the last one the large file goes.
            #expect(report.removed.filter { $0.kind == .regular }.count == 4)
            #expect(report.size > 1 << 20 && report.size < 3 << 19)
        }
    }

    @Test func anEqualLayerThatSharesFilesIsTheEarlierOne() async throws {
        try await withCache { cache throws in
            let first = try layer(cache, "1")
            let again = try layer(cache, "1", from: try cache.snapshots.earlierCopy(of: source))
            #expect(again == first)
        }
    }
}
