import LinuxSystem
import Testing

@testable import Storage

/// Cache volumes that are moved into the tree of a step, where nothing can be mounted.
struct CacheMountLendingTests {
    /// A volume with a file in it, and the tree of a step.
    private func lend(
        _ cache: CacheDirectory,
        _ body: (_ volume: Path, _ tree: Path) async throws -> Void
    ) async throws {
        let lease = try await cache.mounts.acquire("id", sharing: .locked)
        try Directory.open(lease.path).writeFile("kept", [1])
        let active = try cache.snapshots.prepare(parent: .empty)
        guard case .directory(let tree) = try active.stepRoot() else { return }
        try cache.mounts.lend(lease.path, to: tree, at: tree.appending("c"))
        #expect(try Directory.open(tree).readFile("c/kept") == [1])
        #expect(try Directory.open(lease.path).entries() == [])
        try await body(lease.path, tree)
    }

    @Test("a volume comes back with what the step wrote")
    func comesBack() async throws {
        try await withCache(.plain) { cache throws in
            try await lend(cache) { volume, tree throws in
                try Directory.open(tree).writeFile("c/new", [2])
                try cache.mounts.takeBack(volume, from: tree)
                #expect(try Directory.open(volume).readFile("kept") == [1])
                #expect(try Directory.open(volume).readFile("new") == [2])
                #expect(try Directory.open(tree).entries() == [])
                // Nothing is left to do, and that is no error.
                try cache.mounts.takeBack(volume, from: tree)
                try cache.mounts.endLoans(to: tree)
                #expect(try Directory.open(tree.parent).statusIfExists("volumes") == nil)
            }
        }
    }

    @Test("a volume that the step moved elsewhere is found")
    func isFound() async throws {
        try await withCache(.plain) { cache throws in
            try await lend(cache) { volume, tree throws in
                let root = try Directory.open(tree)
                try root.makeDirectories("a/b")
                try root.rename("c", to: "a/b/moved")
                try root.makeDirectory("c")
                try cache.mounts.takeBack(volume, from: tree)
                #expect(try Directory.open(volume).readFile("kept") == [1])
                #expect(try root.openDirectory("a/b").entries() == [])
            }
        }
    }

    @Test("when the process dies, the next one brings the volume back before it removes the tree")
    func survivesTheProcess() async throws {
        try await withTemporaryRoot { path throws in
            let cache = try CacheDirectory.open(path, snapshots: .plain)
            let name: Path
            do {
                let lease = try await cache.mounts.acquire("id", sharing: .locked)
                name = try #require(lease.path.lastComponent)
                try Directory.open(lease.path).writeFile("kept", [1])
                // A tree that nobody holds a lock on.
                let home = path.appending("trees/0123456789ab")
                try Directory.open(path).makeDirectories("trees/0123456789ab/root")
                let tree = home.appending("root")
                try cache.mounts.lend(lease.path, to: tree, at: tree.appending("c"))
            }
            let next = try CacheDirectory.open(path, snapshots: .plain)
            #expect(try next.names(in: "trees") == [])
            #expect(try next.directory.readFile(Path("mounts").appending(name).appending("kept")) == [1])
            #expect(try await next.mounts.acquire("id", sharing: .locked).path.lastComponent == name)
        }
    }

    @Test("a tree that is dropped with a volume in it gives it back")
    func dropped() async throws {
        try await withCache(.plain) { cache throws in
            var kept: Path = ""
            try await lend(cache) { volume, _ in kept = volume }
            #expect(try Directory.open(kept).readFile("kept") == [1])
            #expect(try cache.names(in: "trees") == [])
        }
    }
}
