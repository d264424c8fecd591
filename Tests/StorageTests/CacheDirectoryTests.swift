import Glibc
import LinuxSystem
import OCI
import Testing

@testable import Storage

struct CacheDirectoryTests {
    @Test func layoutIsPrivateAndOpeningTwiceWorks() async throws {
        try await withTemporaryRoot { path throws in
            let root = path.appending("a/b/cache")
            let first = try CacheDirectory.open(root, userxattr: false)
            let second = try CacheDirectory.open(root, userxattr: false)
            #expect(try first.directory.status("").permissions == 0o700)
            #expect(
                try second.names(in: "") == [
                    "blobs", "contexts", "empty", "forecasts", "git", "history", "http", "ingest", "locks", "mounts",
                    "snapshots", "swbuild.db", "swbuild.db-shm", "swbuild.db-wal", "tmp", "trees",
                ]
            )
            let digest = try first.content.store([1, 2, 3])
            #expect(try second.content.contains(digest))
        }
    }

    @Test(arguments: [0o777, 0o755, 0o1777] as [UInt32])
    func aDirectoryThatWasThereIsClosedToOthers(permissions: UInt32) async throws {
        try await withTemporaryRoot { path throws in
            let top = try Directory.open(path)
            try top.makeDirectory("cache")
            try top.setPermissions("cache", permissions)
            _ = try CacheDirectory.open(path.appending("cache"), userxattr: false)
            #expect(try top.status("cache").permissions == 0o700)
        }
    }

    @Test func linksOnTheWayToTheCacheAreFollowed() async throws {
        try await withTemporaryRoot { path throws in
            let top = try Directory.open(path)
            try top.makeDirectory("real")
            try top.symlink(target: path.appending("real"), at: "link")
            let cache = try CacheDirectory.open(path.appending("link/cache"), userxattr: false)
            let snapshot = try cache.layer(["f": "x"])
            #expect(try cache.snapshots.lowerPaths(of: snapshot)[0].isWithin(path.appending("real/cache")))
        }
    }

    @Test func directoriesThatCannotBeWrittenAreNamedWithAHint() async throws {
        try await withTemporaryRoot { path throws in
            try Directory.open(path).writeFile("file", [])
            let root = path.appending("file/cache")
            let error = #expect(throws: StorageError.self) {
                _ = try CacheDirectory.open(root, userxattr: false)
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasPrefix("cannot use cache directory `\(root)`: cannot make directory"))
            #expect(text.hasSuffix("\nhint: set `XDG_CACHE_HOME` to a writable directory"))
            #expect(throws: StorageError.self) { _ = try CacheDirectory.open("/proc/swbuild", userxattr: false) }
        }
    }

    @Test(arguments: [
        (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/swbuild"), (["HOME": "/h"], "/h/.cache/swbuild"),
        (["XDG_CACHE_HOME": "relative", "HOME": "/h"], "/h/.cache/swbuild"), ([:], nil), (["HOME": ""], nil),
    ])
    func rootComesFromTheEnvironment(_ environment: [String: String], _ root: String?) {
        #expect(CacheDirectory.defaultRoot { environment[$0] } == root.map { Path($0) })
    }

    @Test func exclusiveUseNeedsToBeAlone() async throws {
        try await withTemporaryRoot { path throws in
            let first = try CacheDirectory.open(path, userxattr: false)
            do {
                let second = try CacheDirectory.open(path, userxattr: false)
                #expect(throws: StorageError.inUse(path)) { try first.withExclusiveUse {} }
                withExtendedLifetime(second) {}
            }
            #expect(try first.withExclusiveUse { 7 } == 7)
            _ = try CacheDirectory.open(path, userxattr: false)
        }
    }

    @Test func leftoversOfTheDeadGoAndThoseOfTheLivingStay() async throws {
        try await withTemporaryRoot { path throws in
            let living = try CacheDirectory.open(path, userxattr: false)
            var writer = try living.content.makeWriter()
            try writer.write([1, 2, 3])
            let active = try living.snapshots.prepare(parent: .empty)
            let temporary = try living.makeTemporaryDirectory()
            // What a process that was killed leaves: the same without a lock.
            try living.directory.writeFile("ingest/dead", [1])
            try living.directory.makeDirectories("snapshots/00000000dead/fs/deep")
            try living.directory.makeDirectories("snapshots/00000000dead/work/work", mode: 0)
            try living.directory.makeDirectories("tmp/dead/x")

            let next = try CacheDirectory.open(path, userxattr: false)
            #expect(try next.names(in: "ingest").count == 1)
            #expect(try next.names(in: "snapshots") == [Path(active.id.name)])
            #expect(try next.names(in: "tmp") == [temporary.path.lastComponent ?? ""])
            let snapshot = try living.snapshots.commit(active)
            let blob = try writer.commit()
            #expect(try next.snapshots.contains(snapshot) && next.content.contains(blob.digest))
        }
    }

    @Test func nothingRemainsOfWhatIsDropped() async throws {
        try await withCache { cache throws in
            do {
                var writer = try cache.content.makeWriter()
                try writer.write([1])
                let active = try cache.snapshots.prepare(parent: .empty)
                try active.upper.writeFile("x", [1])
                let temporary = try cache.makeTemporaryDirectory()
                try temporary.directory.writeFile("y", [1])
            }
            #expect(try cache.names(in: "ingest") == [])
            #expect(try cache.names(in: "snapshots") == [])
            #expect(try cache.names(in: "tmp") == [])
            #expect(try cache.content.list().isEmpty)
        }
    }

    @Test func layersThatAnotherKernelMayNotHaveWrittenAreTakenAway() async throws {
        try await withTemporaryRoot { path throws in
            var kept = Snapshot.empty
            var lost = Snapshot.empty
            let key = Digest.sha256(of: "key")
            do {
                let cache = try CacheDirectory.open(path, userxattr: false)
                kept = try cache.layer(["a": "1"])
                try cache.finish()
                lost = try cache.layer(on: kept, ["b": "2"])
                try cache.results.record("\(key)", lost)
                // The machine goes down here.
                try cache.database.withConnection { connection in
                    try connection.run("UPDATE layers SET boot = 'other' WHERE boot IS NOT NULL")
                }
            }
            let cache = try CacheDirectory.open(path, userxattr: false)
            #expect(try cache.snapshots.contains(kept))
            #expect(try !cache.snapshots.contains(lost))
            #expect(try cache.results.lookup("\(key)") == nil)
            #expect(try cache.names(in: "snapshots") == kept.layers.map { Path($0.name) })
        }
    }
}
