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

    /// What an index adds to a digest for a file; nil where it must be read.
    private func known(_ index: inout ContextIndex, _ path: Path, _ status: FileStatus) -> [UInt8]? {
        var bytes: [UInt8] = []
        return index.append(digestOf: path, status, to: &bytes) ? bytes : nil
    }

    private func used(_ index: inout ContextIndex, _ path: Path, _ status: FileStatus) -> [UInt8]? {
        index.usedDigest(of: path, status)
    }

    private func isAsUsed(_ index: inout ContextIndex, _ path: Path, _ status: FileStatus) -> Bool {
        index.isAsUsed(path, status)
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
        for start in [fresh, try reloaded(fresh)] {
            var index = start
            #expect(known(&index, "a", present) == digest)
            #expect(known(&index, "b", present) == nil)
            #expect(used(&index, "a", present) == digest)
            let changes: [(inout FileStatus) -> Void] = [
                { $0.inode += 1 }, { $0.size += 1 }, { $0.modified.nanoseconds ^= 1 }, { $0.changed.nanoseconds ^= 1 },
                { $0.permissions ^= 1 }, { $0.device += 1 }, { $0.kind = .fifo },
            ]
            for change in changes {
                let changed = try status(of: "/etc/passwd", change)
                #expect(known(&index, "a", changed) == nil)
                #expect(used(&index, "a", changed) == nil)
            }
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
            #expect(known(&index, "a", present) == nil)
            // For this build it is what was read.
            #expect(used(&index, "a", present) == digest)
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
        #expect(used(&index, "a", present) == nil)
        #expect(isAsUsed(&index, "a", changed))
        #expect(known(&index, "a", present) == digest)
        #expect(isAsUsed(&index, "a", present))
        #expect(!isAsUsed(&index, "a", changed))
        index.note("link", present)
        #expect(isAsUsed(&index, "link", present))
        #expect(!isAsUsed(&index, "link", changed))
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
            for number in (0..<20_000).reversed() {
                present.inode = UInt64(number)
                present.size = Int64(number) << 20
                #expect(known(&loaded, path(number), present) == digest)
            }
            #expect(loaded.merged() == index.merged() && loaded.merged().count == 20_000)
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
        #expect(known(&third, "b", changed) == other)
    }

    @Test func pathsThatAreGoneAreForgottenWhereTheyAreTheMostByFar() throws {
        var first = ContextIndex()
        for number in 0..<11_000 {
            first.record(digest, of: Path("\(number)"), try status(of: "/etc/passwd"), now: later)
        }
        var second = try reloaded(first)
        second.record(digest, of: "new", try status(of: "/etc/passwd"), now: later)
        #expect(second.merged().count == 1)
        // Where most of them are still there, all are kept.
        var third = try reloaded(first)
        for number in 0..<300 {
            #expect(known(&third, Path("\(number)"), try status(of: "/etc/passwd")) != nil)
        }
        third.record(digest, of: "new", try status(of: "/etc/passwd"), now: later)
        #expect(third.merged().count == 11_001)
    }
}
