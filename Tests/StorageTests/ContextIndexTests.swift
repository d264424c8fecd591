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

    @Test func entriesHoldAsLongAsTheFileIsTheSame() throws {
        let present = try status(of: "/etc/passwd")
        var index = ContextIndex()
        index.record(digest, of: "a", present, now: later)
        #expect(index.digest(of: "a", present) == digest)
        #expect(index.digest(of: "b", present) == nil)
        let changes: [(inout FileStatus) -> Void] = [
            { $0.inode += 1 }, { $0.size += 1 }, { $0.modified.nanoseconds ^= 1 }, { $0.changed.nanoseconds ^= 1 },
            { $0.permissions ^= 1 }, { $0.device += 1 }, { $0.kind = .fifo },
        ]
        for change in changes {
            #expect(try index.digest(of: "a", status(of: "/etc/passwd", change)) == nil)
        }
    }

    @Test func filesThatHaveJustChangedAreNotKept() throws {
        let present = try status(of: "/etc/passwd")
        var index = ContextIndex()
        index.record(digest, of: "a", present, now: later)
        let soon = FileTime(seconds: present.changed.seconds + 1, nanoseconds: present.changed.nanoseconds)
        index.record(digest, of: "a", present, now: soon)
        #expect(index.count == 0)
        // A clock that is behind the file's.
        index.record(digest, of: "a", present, now: FileTime(seconds: 0))
        #expect(index.count == 0)
    }

    @Test func twentyThousandEntriesComeBackAsTheyWere() async throws {
        try await withCache { cache throws in
            var index = ContextIndex()
            var present = try status(of: "/etc/passwd")
            for number in 0..<20_000 {
                present.inode = UInt64(number)
                present.size = Int64(number) << 20
                let path = Path(bytes: Array("directory \(number / 100)/file \(number) ".utf8) + [0xff])
                index.record(digest, of: path, present, now: later)
            }
            try cache.contexts.store(index, of: "/some/context")
            #expect(cache.contexts.load("/some/context") == index)
            #expect(cache.contexts.load("/other/context").count == 0)
            #expect(try cache.names(in: "contexts").count == 1)
        }
    }

    @Test func filesThatAreCutOrChangedAreNoIndex() throws {
        var index = ContextIndex()
        for name in ["a", "b/c"] as [Path] { index.record(digest, of: name, try status(of: "/etc/passwd"), now: later) }
        let bytes = ContextIndexCoder.encode(index)
        #expect(ContextIndexCoder.decode(bytes) == index)
        #expect(ContextIndexCoder.decode([]) == nil)
        for position in [0, 30, bytes.count / 2, bytes.count - 1] {
            var changed = bytes
            changed[position] ^= 1
            #expect(ContextIndexCoder.decode(changed) == nil)
            #expect(ContextIndexCoder.decode(Array(bytes[..<position])) == nil)
        }
        #expect(ContextIndexCoder.decode(ContextIndexCoder.encode(ContextIndex())) == ContextIndex())
    }

    @Test func pathsThatAreGoneAreForgotten() throws {
        var index = ContextIndex()
        for name in ["a", "b"] as [Path] { index.record(digest, of: name, try status(of: "/etc/passwd"), now: later) }
        index.keep(only: ["b", "c"])
        #expect(Array(index.entries.keys) == ["b"])
    }
}
