import LinuxSystem

/// What the digests of a directory's files were when they were last read, by path, and which of them this build used.
///
/// An entry holds as long as device, inode, size, mode and both times of the file are the same. A file that changed less
/// than two seconds before it was read is good for this build only: a second change could leave all of them as they are.
package struct ContextIndex: Sendable {
    /// Bytes of a digest: SHA-256.
    package static let digestSize = 32

    /// A file as it was when this build read it.
    private struct Reading {
        var stamp: FileStamp
        var digest: [UInt8]
        /// Whether a later build may go by it.
        var isSettled: Bool
    }

    /// What earlier builds left: stamp and digest of each file.
    private let table: PathTable
    /// Where the next path of a walk is to be expected in the table.
    private var cursor = 0
    /// Which records of the table entered a digest of this build.
    private var used: [Bool]
    /// How many those are.
    private var usedCount = 0
    private var readings: [Path: Reading] = [:]
    /// When files without bytes of their own were last changed that entered a digest of this build.
    private var noted: [Path: FileTime] = [:]

    /// An index of what earlier builds left.
    init(_ table: PathTable = PathTable(valueSize: ContextIndex.valueSize)) {
        self.table = table
        used = [Bool](repeating: false, count: table.count)
    }

    static let valueSize = FileStamp.size + digestSize

    /// Whether there is anything that earlier builds did not leave.
    package var isChanged: Bool { !readings.isEmpty }

    /// Adds the digest of a file to `bytes`, which enters a digest of this build, if the file is as it was when it was
    /// read; false, and nothing added, if it must be read.
    package mutating func append(digestOf path: Path, _ status: FileStatus, to bytes: inout [UInt8]) -> Bool {
        if !readings.isEmpty, let reading = readings[path] {
            guard reading.isSettled, reading.stamp == FileStamp(status) else { return false }
            bytes.append(contentsOf: reading.digest)
            return true
        }
        guard let index = table.index(of: path, &cursor) else { return false }
        let isSame = table.withValue(at: index) { value in
            guard FileStamp.matches(value, status) else { return false }
            bytes.append(contentsOf: value[FileStamp.size...])
            return true
        }
        if isSame, !used[index] {
            used[index] = true
            usedCount += 1
        }
        return isSame
    }

    /// The digest that a file entered a digest of this build with, if it is as it was then.
    package mutating func usedDigest(of path: Path, _ status: FileStatus) -> [UInt8]? {
        if !readings.isEmpty, let reading = readings[path] {
            return reading.stamp == FileStamp(status) ? reading.digest : nil
        }
        guard let index = table.index(of: path, &cursor), used[index] else { return nil }
        return table.withValue(at: index) { value in
            FileStamp.matches(value, status) ? Array(value[FileStamp.size...]) : nil
        }
    }

    /// Whether a file is the one that entered a digest of this build, if one did.
    package mutating func isAsUsed(_ path: Path, _ status: FileStatus) -> Bool {
        if !readings.isEmpty, let reading = readings[path] { return reading.stamp.changed == status.changed }
        if let index = table.index(of: path, &cursor), used[index] {
            return table.withValue(at: index) { FileStamp.changed($0) } == status.changed
        }
        return noted[path].map { $0 == status.changed } ?? true
    }

    /// Notes that a file without bytes of its own enters a digest of this build.
    package mutating func note(_ path: Path, _ status: FileStatus) { noted[path] = status.changed }

    /// Keeps the digest of a file whose status was taken before it was read, at the time `now`.
    package mutating func record(_ digest: [UInt8], of path: Path, _ status: FileStatus, now: FileTime = .now) {
        assert(digest.count == ContextIndex.digestSize)
        let settled = FileTime(seconds: now.seconds - 2, nanoseconds: now.nanoseconds)
        let isSettled = status.changed < settled && status.modified < settled
        readings[path] = Reading(stamp: FileStamp(status), digest: digest, isSettled: isSettled)
    }

    /// What a later build may go by: this build's readings, and what earlier ones left.
    ///
    /// Records that this build did not come upon are dropped where they are the most by far: the files may be gone.
    package func merged() -> PathTable {
        let keepsUnused = table.count - usedCount <= 4 * (usedCount + readings.count) + 10_000
        let news = readings.sorted { left, right in
            left.key.bytes.withUnsafeBytes { left in
                right.key.bytes.withUnsafeBytes { PathTable.compare(left, $0) < 0 }
            }
        }
        var result = PathTable(valueSize: ContextIndex.valueSize)
        result.reserve(table.bytes.count + news.count * (ContextIndex.valueSize + 64))
        var position = 0
        func appendOld(upTo end: Int) {
            for index in position..<max(position, end) where keepsUnused || used[index] {
                table.withValue(at: index) { result.append(table.path(at: index), $0) }
            }
            position = max(position, end)
        }
        var value: [UInt8] = []
        for (path, reading) in news {
            var place = position
            let old = table.index(of: path, &place)
            appendOld(upTo: old ?? place)
            if old != nil { position += 1 }
            guard reading.isSettled else { continue }
            value.removeAll(keepingCapacity: true)
            reading.stamp.append(to: &value)
            value += reading.digest
            value.withUnsafeBytes { result.append(path, $0) }
        }
        appendOld(upTo: table.count)
        return result
    }
}
