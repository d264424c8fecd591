import CLinux
import Glibc

/// The names in a directory without `.` and `..`, read at once and kept in one piece of memory.
package struct DirectoryListing: Sendable {
    private struct Entry {
        let start: Int
        let count: Int
        let kind: FileKind?
    }

    /// The names, each with a NUL after it.
    private let names: [UInt8]
    private let entries: [Entry]
    /// The inodes that were left out.
    let omitted: [UInt64]

    /// Reads a directory; with `sorted`, the names come in the order of their bytes, else in that of the filesystem.
    ///
    /// Names of the inodes `omitting` are left out.
    package init(
        _ directory: borrowing Directory,
        sorted: Bool = true,
        omitting: Set<UInt64> = []
    ) throws(SystemError) {
        var names: [UInt8] = []
        var entries: [Entry] = []
        var omitted: [UInt64] = []
        try readDirectory(directory) { name, inode, type in
            if !omitting.isEmpty, omitting.contains(inode) { return omitted.append(inode) }
            entries.append(Entry(start: names.count, count: name.count, kind: FileKind(directoryType: type)))
            names.append(contentsOf: name)
            names.append(0)
        }
        if sorted {
            names.withUnsafeBytes { names in
                entries.sort { left, right in
                    // The NUL after a name comes before all other bytes; its end is never passed.
                    memcmp(
                        names.baseAddress.unsafelyUnwrapped + left.start,
                        names.baseAddress.unsafelyUnwrapped + right.start,
                        min(left.count, right.count) + 1
                    ) < 0
                }
            }
        }
        self.names = names
        self.entries = entries
        self.omitted = omitted
    }

    package var count: Int { entries.count }

    /// The bytes of the name at `index`.
    func bytes(_ index: Int) -> ArraySlice<UInt8> {
        names[entries[index].start..<(entries[index].start + entries[index].count)]
    }

    package func name(_ index: Int) -> Path { Path(bytes: Array(bytes(index))) }

    /// `nil` where the filesystem does not tell without a stat.
    package func kind(_ index: Int) -> FileKind? { entries[index].kind }

    /// The status of a name in `directory`, whose listing this is; links are not followed.
    ///
    /// An error names `path`.
    package func status(
        _ index: Int,
        in directory: borrowing Directory,
        as path: @autoclosure () -> Path
    ) throws(SystemError) -> FileStatus {
        let parent = directory.descriptor.raw
        var raw = clinux_status()
        var status: FileStatus?
        let code = names.withUnsafeBytes { names -> Int32 in
            guard let base = names.baseAddress else { return -ENOENT }
            let name = (base + entries[index].start).assumingMemoryBound(to: CChar.self)
            let code = clinux_statx(parent, name, 0, &raw)
            if code == 0 { status = directory.recorded(FileStatus(raw), name, in: parent) }
            return code
        }
        guard let status else { throw SystemError("stat", path(), code: -code) }
        return status
    }
}
