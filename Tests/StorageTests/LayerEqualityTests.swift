import Glibc
import LinuxSystem
import OCI
import Testing

@testable import Storage

/// What makes two layers the same: a difference that is missed would be a wrong result of a later build.
@Suite(.enabled(if: isRoot, "owners, devices and trusted attributes need root"))
struct LayerEqualityTests {
    /// Something that a layer may have and another one not.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (borrowing Directory) throws -> Void

        init(_ what: String, _ apply: @escaping @Sendable (borrowing Directory) throws -> Void) {
            testDescription = what
            self.apply = apply
        }
    }

    private static func setAttribute(_ name: String, _ path: Path, in directory: borrowing Directory) throws {
        try directory.setExtendedAttribute(path, name: Path(name), value: Array("y".utf8))
    }

    static let differences: [Change] = [
        Change("bytes") { try $0.writeFile("d/file", Array("twO".utf8)) },
        Change("length") { try $0.writeFile("d/file", Array("twoo".utf8)) },
        Change("mode") { try $0.setPermissions("d/file", 0o600) },
        Change("set-user-id") { try $0.setPermissions("d/file", 0o4644) },
        Change("owner") { try $0.setOwner("d/file", uid: 7, gid: 0) },
        Change("group") { try $0.setOwner("d/file", uid: 0, gid: 7) },
        Change("the owner of a link") { try $0.setOwner("link", uid: 7, gid: 0) },
        Change("a link's target") {
            try $0.remove("link")
            try $0.symlink(target: "other", at: "link")
        },
        Change("a name") { try $0.rename("d/file", to: "d/file2") },
        Change("one more name") { try $0.writeFile("z", []) },
        Change("one name less") { try $0.remove("e/empty") },
        Change("a place") { try $0.rename("d/file", to: "file") },
        Change("kind") {
            try $0.remove("e/empty")
            try $0.makeDirectory("e/empty")
        },
        Change("the mode of a directory") { try $0.setPermissions("d", 0o700) },
        Change("the mode of the root") { try $0.setPermissions("", 0o700) },
        Change("a whiteout") { try $0.makeNode("gone", kind: .characterDevice, mode: 0, major: 0, minor: 0) },
        Change("a whiteout for a file") {
            try $0.remove("e/empty")
            try $0.makeNode("e/empty", kind: .characterDevice, mode: 0, major: 0, minor: 0)
        },
        Change("the number of a device") {
            try $0.remove("null")
            try $0.makeNode("null", kind: .characterDevice, mode: 0o644, major: 1, minor: 5)
        },
        Change("an opaque directory") { try setAttribute("trusted.overlay.opaque", "d", in: $0) },
        Change("a directory that is opaque without privileges") {
            try setAttribute("user.overlay.opaque", "d", in: $0)
        },
        Change("a moved directory") { try setAttribute("trusted.overlay.redirect", "d", in: $0) },
        Change("an attribute") { try setAttribute("user.note", "d", in: $0) },
        Change("an attribute that looks like one of overlay's") {
            try setAttribute("user.my.overlay.origin", "d", in: $0)
        },
        Change("a second name instead of a second file") {
            try $0.remove("twin")
            try $0.link("same", to: "twin", in: $0)
        },
    ]

    static let equal: [Change] = [
        Change("nothing") { _ in },
        Change("the time of a file") { try $0.setTimes("d/file", modified: FileTime(seconds: 5)) },
        Change("the time of a directory") { try $0.setTimes("d", modified: FileTime(seconds: 5)) },
        Change("where overlay has a file from") { try setAttribute("trusted.overlay.origin", "d", in: $0) },
        Change("what overlay has beside it") { try setAttribute("trusted.overlay.impure", "d", in: $0) },
    ]

    private func fill(_ root: borrowing Directory) throws {
        try root.makeDirectory("d")
        try root.makeDirectory("e")
        for (path, text) in [("d/file", "two"), ("e/empty", ""), ("same", "x"), ("twin", "x")] as [(Path, String)] {
            try root.writeFile(path, Array(text.utf8))
        }
        try root.symlink(target: "d/file", at: "link")
        try root.makeNode("null", kind: .characterDevice, mode: 0o644, major: 1, minor: 3)
        try root.link("same", to: "d/other name", in: root)
    }

    private func areEqual(_ change: Change, times: LayerEquality.Times = .none) async throws -> Bool {
        try await withTemporaryRoot { path throws in
            let home = try Directory.open(path)
            for name in ["a", "b"] as [Path] {
                try home.makeDirectory(name)
                try fill(home.openDirectory(name))
            }
            // As a plain tree has the files of layers.
            try home.link("a/twin", to: "elsewhere")
            let left = try home.openDirectory("a")
            let right = try home.openDirectory("b")
            guard try LayerEquality.areEqual(left, right, times: times) else { return false }
            try change.apply(right)
            let result = try LayerEquality.areEqual(left, right, times: times)
            #expect(try LayerEquality.areEqual(right, left, times: times) == result)
            return result
        }
    }

    @Test(arguments: differences)
    func isADifference(change: Change) async throws {
        #expect(try await !areEqual(change))
    }

    @Test(arguments: equal)
    func isNoDifference(change: Change) async throws {
        #expect(try await areEqual(change))
    }

    @Test("a large file is compared to its last byte")
    func largeFile() async throws {
        try await withTemporaryRoot { path throws in
            let home = try Directory.open(path)
            var bytes = [UInt8](repeating: 7, count: 300_001)
            for name in ["a", "b", "c"] as [Path] {
                try home.makeDirectory(name)
                if name == "c" { bytes[300_000] = 8 }
                try home.openDirectory(name).writeFile("f", bytes)
            }
            #expect(try LayerEquality.areEqual(home.openDirectory("a"), home.openDirectory("b")))
            #expect(try !LayerEquality.areEqual(home.openDirectory("a"), home.openDirectory("c")))
        }
    }

    // MARK: Which layer a commit takes

    private func layer(
        _ cache: CacheDirectory,
        on parent: Snapshot = .empty,
        _ reuse: LayerReuse,
        _ change: (borrowing Directory) throws -> Void = { _ in }
    ) throws -> Snapshot {
        let active = try cache.snapshots.prepare(parent: parent)
        try active.upper.writeFile("f", Array("1".utf8))
        try change(active.upper)
        return try cache.snapshots.commit(active, reuse: reuse)
    }

    @Test("a time that a step set counts, one of its running does not")
    func times() async throws {
        try await withCache { cache throws in
            let first = try layer(cache, .never)
            #expect(try layer(cache, .ignoringTimesOfRunning) == first)
            func touched(_ seconds: Int64, _ reuse: LayerReuse) throws -> Snapshot {
                try layer(cache, reuse) { try $0.setTimes("f", modified: FileTime(seconds: seconds)) }
            }
            #expect(try touched(1000, .ignoringTimes) == first)
            let old = try touched(1000, .ignoringTimesOfRunning)
            #expect(old != first)
            #expect(try touched(1000, .ignoringTimesOfRunning) == old)
            #expect(try touched(2000, .ignoringTimesOfRunning) != old)
            // Neither does a time to come belong to the running.
            let coming = try touched(4_000_000_000, .ignoringTimesOfRunning)
            #expect(coming != first && coming != old)
        }
    }

    @Test("only a layer upon the same parent is taken, and none where none may be")
    func parents() async throws {
        try await withCache { cache throws in
            let base = try cache.layer(["base": "1"])
            let first = try layer(cache, on: base, .ignoringTimes)
            #expect(try layer(cache, on: base, .ignoringTimes) == first)
            #expect(try layer(cache, .ignoringTimes).layers != first.layers.suffix(1))
            #expect(try layer(cache, on: base, .never) != first)
            // What was dropped leaves nothing behind.
            #expect(try cache.names(in: "snapshots").count == 4)
        }
    }

    @Test("a layer that was removed is taken by nobody")
    func removed() async throws {
        try await withCache { cache throws in
            let first = try layer(cache, .ignoringTimes)
            #expect(try cache.snapshots.remove(first.layers).failures.isEmpty)
            let second = try layer(cache, .ignoringTimes)
            #expect(second != first)
            #expect(try cache.snapshots.contains(second))
        }
    }

    @Test("plain trees give the layer of before, too, and a later step sees the right files")
    func plain() async throws {
        try await withCache(.plain) { cache throws in
            let base = try cache.layer(["base": "1"])
            func step(_ text: String) throws -> Snapshot {
                let active = try cache.snapshots.prepare(parent: base)
                guard case .directory(let path) = try active.stepRoot() else { throw StorageError.abandoned }
                let root = try Directory.open(path)
                try root.writeFile("made", Array(text.utf8))
                try root.remove("base")
                return try cache.snapshots.commit(active, reuse: .ignoringTimesOfRunning)
            }
            let first = try step("1")
            #expect(try step("1") == first)
            let other = try step("2")
            #expect(other != first)
            for (snapshot, text) in [(first, "1"), (other, "2")] {
                let tree = try cache.snapshots.mountReadOnly(snapshot)
                #expect(try tree.root.readFile("made") == Array(text.utf8))
                #expect(try tree.root.statusIfExists("base") == nil)
            }
        }
    }

    // MARK: Which key is said to be the first

    @Test(
        "a lookup among 100,000 records, for people",
        .enabled(if: getenv("SWBUILD_MEASURE") != nil, "prints a time")
    )
    func lookupTime() async throws {
        try await withCache { cache throws in
            let snapshot = try cache.layer(["a": "1"])
            try cache.database.withConnection { connection in
                try connection.transaction { connection in
                    for number in 0..<100_000 {
                        try connection.run(
                            "INSERT INTO results VALUES (?, ?, NULL, '', 0, 0, 0)",
                            .text("range \(Digest.sha256(of: "\(number)"))"),
                            .text(snapshot.description)
                        )
                    }
                }
            }
            let keys: [ResultKey] = (0..<10_000).map { "range \(Digest.sha256(of: "\($0 * 10)"))" }
            let time = try ContinuousClock().measure {
                for key in keys { _ = try cache.results.lookup(key) }
            }
            print("a lookup takes \(time / keys.count)")
        }
    }

    @Test("a key whose result was made anew is no longer what another one leads to")
    func renewedOriginal() async throws {
        try await withCache { cache throws in
            let (one, two) = (try cache.layer(["a": "1"]), try cache.layer(["a": "2"]))
            #expect(try cache.results.record("s k1", one).original == nil)
            #expect(try cache.results.record("s k2", one).original == "s k1")
            #expect(try cache.results.lookup("s k2")?.original == "s k1")
            // As `--no-cache` does.
            try cache.results.record("s k1", two)
            #expect(try cache.results.lookup("s k2")?.original == nil)
            #expect(try cache.results.lookup("s k2")?.snapshot == one)
            #expect(try cache.snapshots.remove(two.layers).failures.isEmpty)
            #expect(try cache.results.lookup("s k1") == nil)
            #expect(try cache.results.lookup("s k2")?.original == nil)
        }
    }

    @Test("a key of another scope is none of ours")
    func scopes() async throws {
        try await withCache { cache throws in
            let one = try cache.layer(["a": "1"])
            try cache.results.record("range k1", one)
            #expect(try cache.results.record("initial k2", one).original == nil)
            #expect(try cache.results.record("range k3", one).original == "range k1")
            #expect(try cache.results.record("initial k4", one).original == "initial k2")
        }
    }
}
