import CLinux
import Glibc

/// A name in a directory, as getdents64(2) gives it.
package struct DirectoryEntry: Hashable, Sendable {
    /// One component, any bytes but `/` and NUL.
    package let name: Path
    /// `nil` where the filesystem does not tell without a stat.
    package let kind: FileKind?
    package let inode: UInt64
}

extension Directory {
    /// The names in this directory without `.` and `..`, in the order of the filesystem.
    package func entries() throws(SystemError) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        try readDirectory(self) { name, inode, type in
            entries.append(
                DirectoryEntry(
                    name: Path(bytes: Array(name)),
                    kind: FileKind(directoryType: type),
                    inode: inode
                )
            )
        }
        return entries
    }
}

/// Hands each record of a directory to `body`: the name without NUL, the inode and `d_type`.
func readDirectory(
    _ directory: borrowing Directory,
    _ body: (UnsafeRawBufferPointer, UInt64, UInt8) -> Void
) throws(SystemError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 8)
    defer { buffer.deallocate() }
    // A description of its own, because the position is shared with all duplicates.
    let reader = try directory.resolve(".", [.readOnly, .directory], mode: 0, .beneath)
    let raw = reader.raw
    while true {
        let filled = try kernelCall("read directory") { clinux_getdents(raw, buffer.baseAddress, buffer.count) }
        if filled == 0 { return }
        var offset = 0
        while offset < filled {
            // struct linux_dirent64: inode 0, offset 8, record length 16, type 18, name 19
            let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
            let inode = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let type = buffer[offset + 18]
            let record = UnsafeRawBufferPointer(rebasing: buffer[(offset + 19)..<(offset + length)])
            let name = UnsafeRawBufferPointer(rebasing: record[..<(record.firstIndex(of: 0) ?? record.count)])
            if !isDots(name) { body(name, inode, type) }
            offset += length
        }
    }
}

private func isDots(_ name: UnsafeRawBufferPointer) -> Bool {
    name.count <= 2 && name.allSatisfy { $0 == Path.dot }
}
