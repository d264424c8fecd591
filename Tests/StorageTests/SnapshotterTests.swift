import Glibc
import LinuxSystem
import OCI
import Testing

@testable import Storage

struct SnapshotterTests {
    @Test func chainsBecomeLowerPathsTopmostFirst() async throws {
        try await withCache { cache throws in
            let one = try cache.layer(["a": "1"])
            let two = try cache.layer(on: one, ["b": "2"])
            let three = try cache.layer(on: two, ["c": "3"])
            #expect(three.layers.count == 3 && Array(three.layers.prefix(2)) == two.layers)
            let texts = try cache.snapshots.lowerPaths(of: three).map { try Directory.open($0).entries().map(\.name) }
            #expect(texts == [["c"], ["b"], ["a"]])
            #expect(try cache.snapshots.lowerPaths(of: .empty) == [])
            #expect(try cache.snapshots.overlayPaths(of: .empty).count == 1)
        }
    }

    @Test func mergingStacksAndARepeatedLayerCountsOnTop() {
        let ids = ["00000000000a", "00000000000b", "00000000000c"].compactMap { LayerID($0) }
        let first = Snapshot(layers: [ids[0], ids[1]])
        let second = Snapshot(layers: [ids[0], ids[2]])
        #expect(first.merging(second).layers == [ids[1], ids[0], ids[2]])
        #expect(Snapshot.empty.merging(first) == first)
        #expect(Snapshot(parsing: first.description) == first)
        #expect(Snapshot(parsing: "") == .empty)
        #expect(Snapshot(parsing: "../etc") == nil)
        #expect(first.digest != second.digest)
    }

    @Test(arguments: ["", "00000000000", "00000000000A", "../../../../x", "0000000000000"])
    func otherTextsAreNoLayers(_ text: String) {
        #expect(LayerID(text) == nil)
    }

    @Test func recordsTellParentSizeAndUse() async throws {
        try await withCache { cache throws in
            let one = try cache.layer(["a": String(repeating: "x", count: 10_000)], key: "chain one")
            let two = try cache.layer(on: one, ["b": "2"])
            let record = try #require(try cache.database.layer(two.layers[1]))
            #expect(record.parent == one.layers[0] && record.kind == .regular && record.usageCount == 1)
            #expect(try cache.database.layer(key: "chain one")?.size ?? 0 >= 10_000)
            #expect(try cache.snapshots.find(key: "chain one") == one.layers[0])
            #expect(try cache.snapshots.find(key: "chain two") == nil)
            cache.snapshots.use(two)
            try cache.finish()
            #expect(try cache.database.layer(one.layers[0])?.usageCount == 1)
            try cache.database.withConnection { try $0.execute("UPDATE layers SET last_used = last_used - 601") }
            cache.snapshots.use(two)
            try cache.finish()
            #expect(try cache.database.layer(one.layers[0])?.usageCount == 2)
            #expect(try cache.database.layers().count == 2)
        }
    }

    @Test func aKeyIsTakenOnceAndTheLoserGetsTheWinnersLayer() async throws {
        try await withCache { cache throws in
            let first = try cache.layer(["a": "1"], key: "k")
            let second = try cache.layer(["a": "1"], key: "k")
            #expect(first == second)
            #expect(try cache.names(in: "snapshots").count == 1)
        }
    }

    @Test func removedLayersTakeTheirRecordsAlong() async throws {
        try await withCache { cache throws in
            let key = Digest.sha256(of: "key")
            let other = Digest.sha256(of: "other")
            let one = try cache.layer(["a": "1"])
            let two = try cache.layer(on: one, ["b": "2"])
            try cache.results.record("\(key)", two)
            try cache.results.record("\(other)", one)
            try cache.database.setContentDigest(key, of: two, selector: other)
            #expect(try cache.results.lookup("\(key)")?.snapshot == two)
            #expect(try cache.snapshots.remove([two.layers[1]]).failures.isEmpty)
            #expect(try cache.results.lookup("\(key)") == nil)
            #expect(try cache.results.lookup("\(other)")?.snapshot == one)
            #expect(try cache.database.contentDigest(of: two, selector: other) == nil)
            #expect(throws: StorageError.missingLayer(two.layers[1])) { _ = try cache.snapshots.lowerPaths(of: two) }
            #expect(try cache.names(in: "snapshots").count == 1)
        }
    }

    @Test func aKeyWhoseLayerIsLostIsFreeAgain() async throws {
        try await withTemporaryRoot { path throws in
            var lost = Snapshot.empty
            do { lost = try CacheDirectory.open(path, userxattr: false).layer(["a": "1"], key: "k") }
            let cache = try CacheDirectory.open(path, userxattr: false)
            try cache.directory.removeTree(Path("snapshots/\(lost.layers[0].name)"))
            #expect(try cache.snapshots.find(key: "k") == nil)
            let made = try cache.layer(["a": "2"], key: "k")
            #expect(try cache.snapshots.find(key: "k") == made.layers[0] && made != lost)
        }
    }

    @Test func resultsWhoseDirectoryIsGoneAreForgotten() async throws {
        try await withTemporaryRoot { path throws in
            let key = Digest.sha256(of: "key")
            var name: Path = ""
            do {
                let cache = try CacheDirectory.open(path, userxattr: false)
                let snapshot = try cache.layer(["a": "1"])
                name = Path(snapshot.layers[0].name)
                try cache.results.record("\(key)", snapshot)
            }
            try Directory.open(path).removeTree(Path("snapshots").appending(name))
            #expect(try CacheDirectory.open(path, userxattr: false).results.lookup("\(key)") == nil)
        }
    }

    @Test func tooManyLayersAreNamed() async throws {
        try await withCache { cache throws in
            let snapshot = Snapshot(layers: (0..<501).map { _ in LayerID() })
            let error = #expect(throws: StorageError.tooManyLayers(count: 501, limit: 500)) {
                _ = try cache.snapshots.lowerPaths(of: snapshot)
            }
            #expect(error?.description == "cannot stack 501 layers: the limit is 500")
        }
    }

    @Test(.enabled(if: isRoot, "mounting needs root"))
    func mountsShowParentAndChanges() async throws {
        try await withCache { cache throws in
            let one = try cache.layer(["a": "1", "b": "2"])
            let active = try cache.snapshots.prepare(parent: one)
            do {
                let mount = try active.mount()
                try mount.root.remove("a")
                try mount.root.writeFile("c", Array("3".utf8))
            }
            do {
                // A second mount after the first, although that was volatile.
                let mount = try active.mount()
                try mount.root.writeFile("d", Array("4".utf8))
            }
            #expect(try active.upper.status("a").isWhiteout)
            let two = try cache.snapshots.commit(active)
            let mount = try cache.snapshots.mountReadOnly(two)
            #expect(try mount.root.entries().map(\.name).sorted() == ["b", "c", "d"])
            #expect(throws: SystemError.self) { try mount.root.remove("b") }
            let top = try cache.snapshots.mountReadOnly(Snapshot(layers: [two.layers[1]]))
            #expect(try top.root.entries().map(\.name).sorted() == ["c", "d"])
            #expect(try cache.snapshots.mountReadOnly(.empty).root.entries() == [])
        }
    }

    @Test(.enabled(if: isRoot, "owners need root"))
    func rootKeepsItsOwnerAndMode() async throws {
        try await withCache { cache throws in
            let active = try cache.snapshots.prepare(parent: .empty)
            try active.upper.setOwner("", uid: 5, gid: 6)
            try active.upper.setPermissions("", 0o750)
            let one = try cache.snapshots.commit(active)
            let two = try cache.layer(on: one, ["x": ""])
            let status = try cache.snapshots.mountReadOnly(two).root.status("")
            #expect(status.uid == 5 && status.gid == 6 && status.permissions == 0o750)
        }
    }
}
