import LinuxSystem
import OCI
import Testing

@testable import Storage

struct CollectionTests {
    private func cache(_ path: Path) throws -> CacheDirectory { try CacheDirectory.open(path, userxattr: false) }

    /// Makes a layer of so many bytes in a process of its own, and says when it was last used.
    private func makeLayer(_ bytes: Int, used: Int64, _ path: Path) throws -> LayerID {
        let cache = try cache(path)
        let layer = try cache.layer(["f": String(repeating: "x", count: bytes)]).layers[0]
        try cache.database.withConnection { connection in
            try connection.run(
                "UPDATE layers SET last_used = ? WHERE id = ?",
                .integer(used),
                .text(layer.name)
            )
        }
        return layer
    }

    @Test func aBuildThatMadeNothingNeedsOneLook() async throws {
        try await withTemporaryRoot { path throws in
            do { try cache(path).collect(limit: nil) }
            let idle = try cache(path)
            #expect(try !idle.needsCollection(limit: nil) && idle.needsCollection(limit: .bytes(1)))
            _ = try idle.layer(["a": "1"])
            #expect(try idle.needsCollection(limit: nil))
        }
    }

    @Test func collectingKeepsTheLimitFromTheLeastRecentlyUsed() async throws {
        try await withTemporaryRoot { path throws in
            let now = FileTime.now.seconds
            let old = try makeLayer(400_000, used: now - 300, path)
            let new = try makeLayer(400_000, used: now - 100, path)
            try cache(path).collect(limit: .bytes(700_000))
            let rest = try cache(path).database.layers().map(\.id)
            #expect(rest == [new] && old != new)
        }
    }

    @Test func theGuardMakesRoomForWhatIsBeingMade() async throws {
        try await withTemporaryRoot { path throws in
            let now = FileTime.now.seconds
            _ = try makeLayer(400_000, used: now - 300, path)
            let build = try cache(path)
            let active = try build.snapshots.prepare(parent: .empty)
            try active.upper.writeFile("f", [UInt8](repeating: 1, count: 400_000))
            _ = try build.snapshots.commit(active)
            try await SpaceGuard(build, limit: 700_000).check()
            #expect(try build.database.layers().count == 1)
        }
    }

    @Test func whatABuildNeedsBeyondTheLimitEndsIt() async throws {
        try await withTemporaryRoot { path throws in
            let build = try cache(path)
            let space = SpaceGuard(build, limit: 500_000)
            let error = await #expect(throws: StorageError.self) {
                try await space.run {
                    let active = try build.snapshots.prepare(parent: .empty)
                    try active.upper.writeFile("f", [UInt8](repeating: 1, count: 900_000))
                    // Until it is cancelled.
                    try await Task.sleep(for: .seconds(600))
                    withExtendedLifetime(active.id) {}
                }
            }
            guard case .full(let used, let limit) = try #require(error) else { throw StorageError.abandoned }
            #expect(used >= 900_000 && limit == 500_000)
            #expect(error?.description.contains("hint: raise `SWBUILD_CACHE_MAX_SIZE`") == true)
            #expect(try build.names(in: "snapshots").isEmpty)
        }
    }

    @Test func theGuardEndsWithWhatItGuards() async throws {
        try await withCache { cache throws in
            #expect(try await SpaceGuard(cache, limit: 1 << 40).run { 7 } == 7)
            await #expect(throws: StorageError.abandoned) {
                try await SpaceGuard(cache, limit: 1 << 40).run { throw StorageError.abandoned }
            }
        }
    }

    @Test func repositoriesThatNoProcessUsesCanGo() async throws {
        try await withTemporaryRoot { path throws in
            let (used, idle) = ("https://host/used.git", "https://host/idle.git")
            do {
                let build = try cache(path)
                for url in [used, idle] {
                    try build.mirrors.use(url, shownURL: url)
                    try build.directory.makeDirectories(Path("git/\(GitMirrors.name(of: url))/objects"))
                }
                try build.recordSizes()
            }
            let build = try cache(path)
            try build.mirrors.use(used, shownURL: used)
            let other = try cache(path)
            let records = try other.usage().filter { $0.kind == .gitMirror }
            #expect(records.allSatisfy { $0.size > 0 } && records.filter(\.isReclaimable).count == 1)
            let removed = try other.prune([PrunePolicy()]).removed
            #expect(removed.map(\.description) == ["git repository \(idle)"])
            #expect(try other.names(in: "git") == [Path(GitMirrors.name(of: used))])
            withExtendedLifetime(build) {}
        }
    }

    @Test func oldLocksThatNobodyHoldsGo() async throws {
        try await withCache { cache throws in
            let held = try #require(try cache.locks.tryAcquire("held"))
            _ = try cache.locks.tryAcquire("idle")
            let count = try cache.names(in: "locks").count
            try cache.locks.removeIdle()
            #expect(try cache.names(in: "locks").count == count)
            try cache.locks.removeIdle(now: FileTime.now.seconds + 2 * 24 * 3600)
            #expect(try cache.names(in: "locks").count == count - 1)
            #expect(try cache.locks.tryAcquire("held") == nil && cache.locks.tryAcquire("idle") != nil)
            withExtendedLifetime(held) {}
        }
    }

    @Test func theDatabaseGivesBackWhatItDoesNotNeed() async throws {
        try await withCache { cache throws in
            let layer = try cache.layer(["a": "1"])
            for number in 0..<400 {
                let text = String(repeating: "x", count: 10_000)
                try cache.results.record("s \(number)", layer, description: text)
            }
            try cache.database.truncateLog()
            let before = try cache.directory.status("swbuild.db").size
            try cache.database.removeLayers(Set(layer.layers))
            try cache.database.compact()
            try cache.database.truncateLog()
            #expect(try cache.directory.status("swbuild.db").size < before / 4)
        }
    }
}
