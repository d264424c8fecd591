import Archive
import Glibc
import LinuxSystem
import OCI
import Testing

@testable import Storage

/// Plain trees against overlay mounts as the model: the same operations give the same layers.
@Suite(.enabled(if: isRoot, "overlay and owners need root"))
struct PlainSnapshotsTests {
    @Test("random steps and file operations give the same layers as overlay", arguments: 1...12)
    func sameLayers(seed: UInt64) async throws {
        let kinds: [SnapshotKind] = [.overlay(userxattr: false), .plain]
        var results: [[Digest]] = []
        for kind in kinds {
            results.append(
                try await withCache(kind) { cache throws in
                    var model = Model(cache: cache, seed: seed)
                    return try model.run()
                }
            )
        }
        #expect(results[0].count == 9)
        #expect(results[0] == results[1])
    }

    @Test("a step that writes to a file of the layers below does not change them")
    func layersStay() async throws {
        try await withCache(.plain) { cache throws in
            let one = try cache.layer(["a": "1", "d/b": "2"])
            let active = try cache.snapshots.prepare(parent: one)
            guard case .directory(let path) = try active.stepRoot() else { return #expect(Bool(false)) }
            let root = try Directory.open(path)
            try root.writeFile("a", Array("changed".utf8))
            try root.setPermissions("d/b", 0o4711)
            let two = try cache.snapshots.commit(active)
            let before = try cache.snapshots.mountReadOnly(one)
            let after = try cache.snapshots.mountReadOnly(two)
            #expect(try before.root.readFile("a") == Array("1".utf8))
            #expect(try before.root.status("d/b").permissions == 0o644)
            #expect(try after.root.readFile("a") == Array("changed".utf8))
            #expect(try after.root.status("d/b").permissions == 0o4711)
            #expect(try cache.directory.readFile("snapshots/\(one.layers[0])/fs/a") == Array("1".utf8))
        }
    }

    @Test("the next step goes on in the tree of the last one, a branch and a failed step do not")
    func chain() async throws {
        try await withCache(.plain) { cache throws in
            let base = try cache.layer(["a": "1"])
            let first = try step(cache, on: base) { try $0.writeFile("b", [1]) }
            let second = try step(cache, on: first.snapshot) { try $0.writeFile("c", [1]) }
            #expect(first.path == second.path)
            let branch = try step(cache, on: first.snapshot) { root throws in
                #expect(try root.statusIfExists("c") == nil)
            }
            #expect(branch.path != second.path)
            do {
                let failed = try cache.snapshots.prepare(parent: second.snapshot)
                guard case .directory(let path) = try failed.stepRoot() else { return }
                try Directory.open(path).writeFile("rubbish", [1])
            }
            let again = try step(cache, on: second.snapshot) { root throws in
                #expect(try root.statusIfExists("rubbish") == nil && root.statusIfExists("c") != nil)
            }
            #expect(again.path != second.path)
            // A layer that was made elsewhere is put upon the tree that is there.
            let copied = try cache.layer(on: again.snapshot, ["d": "4"])
            let last = try step(cache, on: copied) { root throws in
                #expect(try root.readFile("d") == Array("4".utf8))
            }
            #expect(last.path == again.path)
            cache.snapshots.removeTrees()
            #expect(try cache.names(in: "trees") == [])
        }
    }

    @Test("a change in the tick of the last one is seen")
    func sameTick() async throws {
        try await withCache(.plain) { cache throws in
            var snapshot = try cache.layer(["f": "0"])
            for number in UInt8(1)...40 {
                snapshot = try step(cache, on: snapshot) { root throws in
                    // In place, with the same size and time.
                    try root.writeFile("f", [number])
                    try root.setTimes("f", modified: FileTime(seconds: 1000))
                }.snapshot
                let top = try #require(snapshot.layers.last)
                #expect(try cache.directory.readFile("snapshots/\(top)/fs/f") == [number])
            }
        }
    }

    @Test("trees of a process that died are removed by the next one")
    func leftovers() async throws {
        try await withTemporaryRoot { path throws in
            _ = try CacheDirectory.open(path, snapshots: .plain)
            try Directory.open(path).makeDirectories("trees/0123456789ab/root/etc")
            _ = try CacheDirectory.open(path, userxattr: false)
            #expect(try Directory.open(path).openDirectory("trees").entries() == [])
        }
    }

    private func step(
        _ cache: CacheDirectory,
        on parent: Snapshot,
        _ body: (borrowing Directory) throws -> Void
    ) throws -> (snapshot: Snapshot, path: Path) {
        let active = try cache.snapshots.prepare(parent: parent)
        guard case .directory(let path) = try active.stepRoot() else { throw StorageError.abandoned }
        try body(Directory.open(path))
        return (try cache.snapshots.commit(active), path)
    }
}

/// A chain of steps and file operations that depends on a number only.
private struct Model {
    let cache: CacheDirectory
    var random: UInt64

    init(cache: CacheDirectory, seed: UInt64) {
        self.cache = cache
        random = seed &* 0x9e37_79b9_7f4a_7c15
    }

    /// The digests of the layers as archives.
    mutating func run() throws -> [Digest] {
        var snapshot = try base()
        var digests = [try digest(of: snapshot)]
        for number in 1...8 {
            snapshot = try number % 3 == 0 ? copy(on: snapshot) : step(on: snapshot)
            digests.append(try digest(of: snapshot))
        }
        return digests
    }

    private func base() throws -> Snapshot {
        let active = try cache.snapshots.prepare(parent: .empty)
        for directory in ["d", "d/e", "d/e/f", "g"] { try active.upper.makeDirectory(Path(directory)) }
        for name in ["a", "b", "d/a", "d/b", "d/e/a", "d/e/f/a", "g/a"] { try write(Path(name), 0, in: active.upper) }
        try active.upper.link("a", to: "g/linked")
        try active.upper.symlink(target: "d/e", at: "s")
        try settle(active.upper)
        return try cache.snapshots.commit(active)
    }

    private mutating func step(on parent: Snapshot) throws -> Snapshot {
        let active = try cache.snapshots.prepare(parent: parent)
        switch try active.stepRoot() {
        case .directory(let path):
            let root = try Directory.open(path)
            try change(root, inPlace: true)
        case .overlay(let options):
            let mount = try DetachedMount.overlay(options)
            try change(mount.root, inPlace: true)
        }
        return try cache.snapshots.commit(active)
    }

    private mutating func copy(on parent: Snapshot) throws -> Snapshot {
        let active = try cache.snapshots.prepare(parent: parent)
        do {
            let tree = try active.mount()
            try change(tree.root, inPlace: false)
        }
        return try cache.snapshots.commit(active)
    }

    private mutating func change(_ root: borrowing Directory, inPlace: Bool) throws {
        for _ in 0..<10 {
            let place = try pick(root)
            let kind = try root.statusIfExists(place, .noSymlinks)?.kind
            let choice = next(inPlace ? 9 : 6)
            // What depends on earlier changes of the same step may not be there: then nothing happens.
            switch (choice, kind) {
            case (0, _?): try root.removeTree(place)
            case (1, nil), (2, nil): try write(place, next(1000), in: root)
            case (1, .directory?):
                // File operations replace what is there.
                if !inPlace { try root.removeTree(place.appending("new0")) }
                try write(place.appending("new0"), next(1000), in: root)
            case (2, .regular?), (2, .symlink?), (2, .fifo?):
                try root.remove(place)
                try root.makeDirectory(place)
                try write(place.appending("inside"), next(1000), in: root)
            case (3, nil): try root.makeNode(place, kind: .fifo, mode: 0o600)
            case (4, nil): try root.symlink(target: "target\(next(9))", at: place)
            case (5, .directory?):
                try root.setOwner(place, uid: UInt32(next(3)), gid: 4)
                try root.setPermissions(place, 0o700)
            case (6, .regular?): try write(place, next(1000), in: root)
            case (7, .regular?):
                try root.setPermissions(place, 0o4755)
                try root.setOwner(place, uid: 5, gid: UInt32(next(9)))
            case (8, .regular?):
                let other = try pick(root)
                if try root.statusIfExists(other, .noSymlinks) == nil { try root.link(place, to: other) }
            default: continue
            }
            try settle(root)
        }
    }

    /// Times of links and fifos are those of their making: set, so that they do not depend on the test's speed.
    private func settle(_ root: borrowing Directory) throws {
        try walk(root) { entry, parent in
            if entry.status.kind == .symlink || entry.status.kind == .fifo {
                try parent.setTimes(entry.name, modified: FileTime(seconds: 5000))
            }
            return .descend
        }
    }

    private func write(_ path: Path, _ number: Int, in root: borrowing Directory) throws {
        if let kind = try root.statusIfExists(path, .noSymlinks)?.kind, kind != .regular { return }
        try root.writeFile(path, Array("content \(number)".utf8))
        try root.setTimes(path, modified: FileTime(seconds: Int64(10_000 + number)))
    }

    /// A name that is there or could be, with a directory above it.
    private mutating func pick(_ root: borrowing Directory) throws -> Path {
        let directories: [Path] = ["", "d", "d/e", "d/e/f", "g", "a", "d/b"]
        let names: [Path] = ["a", "b", "e", "linked", "new0", "x", "s"]
        let directory = directories[next(directories.count)]
        let name = names[next(names.count)]
        // A link in between is none.
        let isThere = (try? root.statusIfExists(directory, .noSymlinks))??.kind == .directory
        return isThere ? directory.appending(name) : name
    }

    private mutating func next(_ bound: Int) -> Int {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((random >> 33) % UInt64(bound))
    }

    /// The digest of the topmost layer as an archive, without the times of directories.
    private func digest(of snapshot: Snapshot) throws -> Digest {
        let top = try #require(snapshot.layers.last)
        let parent = Snapshot(layers: snapshot.layers.dropLast())
        let below = parent.isEmpty ? nil : SharedDirectory(try cache.snapshots.mountReadOnly(parent).root.duplicate())
        let diff = try LayerDiff(
            upper: Directory.open(cache.snapshots.path(of: top)),
            parent: below,
            marks: cache.snapshots.kind.marks,
            rewriteTimestamp: 20_000
        )
        var writer = TarWriter(Sink())
        try diff.write(to: &writer)
        return Digest.sha256(of: try writer.finish().bytes)
    }
}

private struct Sink: ByteSink, ~Copyable {
    var bytes: [UInt8] = []

    mutating func write(_ buffer: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: buffer)
    }
}
