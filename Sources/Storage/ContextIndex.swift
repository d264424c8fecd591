import LinuxSystem
import OCI

/// What the digests of a directory's files were when they were last read, by path.
///
/// An entry holds as long as device, inode, size, mode and both times of the file are the same. A file that changed
/// less than two seconds before it was read is not kept: a second change could leave all of them as they are.
package struct ContextIndex: Sendable, Equatable {
    /// A file as it was when it was read.
    package struct Entry: Hashable, Sendable {
        package let device: UInt64
        package let inode: UInt64
        package let size: Int64
        package let mode: UInt32
        package let modified: FileTime
        package let changed: FileTime
        /// SHA-256, 32 bytes.
        package let digest: [UInt8]

        func matches(_ status: FileStatus) -> Bool {
            inode == status.inode && size == status.size && changed == status.changed && modified == status.modified
                && mode == status.mode && device == status.device
        }
    }

    package internal(set) var entries: [Path: Entry]

    /// An index of nothing.
    package init() {
        entries = [:]
    }

    package var count: Int { entries.count }

    /// The digest of a file (32 bytes) if it is as it was; `nil` if it must be read.
    package func digest(of path: Path, _ status: FileStatus) -> [UInt8]? {
        guard let entry = entries[path], entry.matches(status) else { return nil }
        return entry.digest
    }

    /// Keeps the digest of a file whose status was taken before it was read, at the time `now`.
    ///
    /// Also removes what was kept of it, where the new digest is not safe to keep.
    package mutating func record(_ digest: [UInt8], of path: Path, _ status: FileStatus, now: FileTime = .now) {
        let settled = FileTime(seconds: now.seconds - 2, nanoseconds: now.nanoseconds)
        guard digest.count == 32, status.changed < settled, status.modified < settled else {
            entries[path] = nil
            return
        }
        entries[path] = Entry(
            device: status.device,
            inode: status.inode,
            size: status.size,
            mode: status.mode,
            modified: status.modified,
            changed: status.changed,
            digest: digest
        )
    }

    /// Forgets all paths that are not in `present`.
    package mutating func keep(only present: Set<Path>) {
        entries = entries.filter { present.contains($0.key) }
    }
}

/// The context indexes of the cache directory: one file for each directory that was a context.
package struct ContextIndexes: Sendable {
    private let directory: SharedDirectory

    init(_ directory: consuming Directory) {
        self.directory = SharedDirectory(directory)
    }

    /// The index of a context directory; an empty one if there is none or it cannot be used.
    package func load(_ context: Path) -> ContextIndex {
        let name = ContextIndexes.name(context)
        guard let bytes = try? directory.directory.readFile(name, limit: 1 << 30, .noSymlinks) else {
            return ContextIndex()
        }
        return ContextIndexCoder.decode(bytes) ?? ContextIndex()
    }

    /// Replaces the index of a context directory in one step.
    ///
    /// Whoever writes last wins.
    package func store(_ index: ContextIndex, of context: Path) throws {
        try directory.directory.replaceFile(ContextIndexes.name(context), with: ContextIndexCoder.encode(index))
    }

    /// Removes an index by the name of its file; it is made again when it is needed.
    func remove(_ name: String) throws {
        try directory.directory.removeTree(Path(name))
    }

    private static func name(_ context: Path) -> Path {
        Path(String(Digest.sha256(of: context.bytes).hex.prefix(32)))
    }
}
