import LinuxSystem
import OCI
import Testing

@testable import Storage

struct ContextIndexTests {
    private let digest = [UInt8](repeating: 7, count: 32)
    private let later = FileTime(seconds: FileTime.now.seconds + 100)

    private func status(of path: Path, _ change: (inout FileStatus) -> Void = { _ in }) throws -> FileStatus {
        var status = try FileStatus.of(path)
        change(&status)
        return status
    }

    /// The index as a later build loads it.
    private func reloaded(_ index: ContextIndex) throws -> ContextIndex {
        let file = ContextIndexes.file
        return ContextIndex(try #require(file.decode(file.encode(index.merged()))))
    }

    @Test func entriesHoldAsLongAsTheFileIsTheSame() throws {
        let present = try status(of: "/etc/passwd")
        var fresh = ContextIndex()
        fresh.record(digest, of: "a", present, now: later)
        for var index in [fresh, try reloaded(fresh)] {
            var bytes: [UInt8] = [1]
            #expect(index.append(digestOf: "a", present, to: &bytes) && bytes == [1] + digest)
            #expect(!index.append(digestOf: "b", present, to: &bytes))
            #expect(index.usedDigest(of: "a", present) == digest)
            let changes: [(inout FileStatus) -> Void] = [
                { $0.inode += 1 }, { $0.size += 1 }, { $0.modified.nanoseconds ^= 1 }, { $0.changed.nanoseconds ^= 1 },
                { $0.permissions ^= 1 }, { $0.device += 1 }, { $0.kind = .fifo },
            ]
            for change in changes {
                let changed = try status(of: "/etc/passwd", change)
                #expect(!index.append(digestOf: "a", changed, to: &bytes))
                #expect(index.usedDigest(of: "a", changed) == nil)
            }
            #expect(bytes.count == 33)
        }
    }

    @Test func filesThatHaveJustChangedAreNotKept() throws {
        let present = try status(of: "/etc/passwd")
        let soon = FileTime(seconds: present.changed.seconds + 1, nanoseconds: present.changed.nanoseconds)
        // The second is a clock that is behind the file's.
        for now in [soon, FileTime(seconds: 0)] {
            var index = ContextIndex()
            index.record(digest, of: "a", present, now: later)
            index.record(digest, of: "a", present, now: now)
            var bytes: [UInt8] = []
            #expect(!index.append(digestOf: "a", present, to: &bytes))
            // For this build it is what was read.
            #expect(index.usedDigest(of: "a", present) == digest)
            #expect(index.merged().count == 0)
        }
    }

    @Test func whatEnteredADigestIsWhatACopyIsComparedWith() throws {
        let present = try status(of: "/etc/passwd")
        let changed = try status(of: "/etc/passwd") { $0.changed.nanoseconds ^= 1 }
        var fresh = ContextIndex()
        fresh.record(digest, of: "a", present, now: later)
        var index = try reloaded(fresh)
        // Known from an earlier build, but not used in this one.
        #expect(index.usedDigest(of: "a", present) == nil)
        #expect(index.isAsUsed("a", changed))
        var bytes: [UInt8] = []
        #expect(index.append(digestOf: "a", present, to: &bytes))
        #expect(index.isAsUsed("a", present) && !index.isAsUsed("a", changed))
        index.note("link", present)
        #expect(index.isAsUsed("link", present) && !index.isAsUsed("link", changed))
        #expect(!index.isChanged)
    }

    @Test func twentyThousandEntriesComeBackAsTheyWere() async throws {
        try await withCache { cache throws in
            var index = ContextIndex()
            var present = try status(of: "/etc/passwd")
            func path(_ number: Int) -> Path {
                Path(bytes: Array("directory \(number / 100)/file \(number) ".utf8) + [0xff])
            }
            for number in 0..<20_000 {
                present.inode = UInt64(number)
                present.size = Int64(number) << 20
                index.record(digest, of: path(number), present, now: later)
            }
            try cache.contexts.store(index, of: "/some/context")
            var loaded = cache.contexts.load("/some/context")
            #expect(loaded.merged() == index.merged() && loaded.merged().count == 20_000)
            for number in (0..<20_000).reversed() {
                present.inode = UInt64(number)
                present.size = Int64(number) << 20
                var bytes: [UInt8] = []
                #expect(loaded.append(digestOf: path(number), present, to: &bytes))
            }
            #expect(cache.contexts.load("/other/context").merged().count == 0)
            #expect(try cache.names(in: "contexts").count == 1)
        }
    }

    @Test func filesThatAreCutOrChangedAreNoIndex() throws {
        var index = ContextIndex()
        for name in ["a", "b/c"] as [Path] { index.record(digest, of: name, try status(of: "/etc/passwd"), now: later) }
        let file = ContextIndexes.file
        let bytes = file.encode(index.merged())
        #expect(file.decode(bytes) == index.merged())
        #expect(file.decode([]) == nil)
        for position in [0, 30, bytes.count / 2, bytes.count - 1] {
            var changed = bytes
            changed[position] ^= 1
            #expect(file.decode(changed) == nil)
            #expect(file.decode(Array(bytes[..<position])) == nil)
        }
        let empty = ContextIndex().merged()
        #expect(file.decode(file.encode(empty)) == empty)
    }

    @Test func newReadingsReplaceOldOnes() throws {
        var first = ContextIndex()
        for name in ["a", "b", "c", "d/e", "d.e"] as [Path] {
            first.record(digest, of: name, try status(of: "/etc/passwd"), now: later)
        }
        var second = try reloaded(first)
        let other = [UInt8](repeating: 9, count: 32)
        let changed = try status(of: "/etc/passwd") { $0.size += 1 }
        second.record(other, of: "b", changed, now: later)
        second.record(other, of: "c", changed, now: FileTime(seconds: 0))
        second.record(other, of: "bb", changed, now: later)
        let merged = second.merged()
        #expect((0..<merged.count).map { merged.path(at: $0) } == ["a", "b", "bb", "d/e", "d.e"])
        var third = try reloaded(second)
        var bytes: [UInt8] = []
        #expect(third.append(digestOf: "b", changed, to: &bytes) && bytes == other)
    }

    @Test func pathsThatAreGoneAreForgottenWhereTheyAreTheMost() throws {
        var first = ContextIndex()
        for number in 0..<1500 {
            first.record(digest, of: Path("\(number)"), try status(of: "/etc/passwd"), now: later)
        }
        var second = try reloaded(first)
        second.record(digest, of: "new", try status(of: "/etc/passwd"), now: later)
        #expect(second.merged().count == 1)
        // Where most of them are still there, all are kept.
        var third = try reloaded(first)
        var bytes: [UInt8] = []
        for number in 0..<300 {
            #expect(third.append(digestOf: Path("\(number)"), try status(of: "/etc/passwd"), to: &bytes))
        }
        third.record(digest, of: "new", try status(of: "/etc/passwd"), now: later)
        #expect(third.merged().count == 1501)
    }
}
