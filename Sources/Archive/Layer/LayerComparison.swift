import Glibc
import LinuxSystem

/// Tells whether a file of an upper directory is still what the parent has under the same name.
struct LayerComparison: ~Copyable {
    private let left = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    private let right = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// Whether everything that a tar header shows is equal, and then the content.
    ///
    /// A directory's time does not count, as in BuildKit: it changes with every name in it, and otherwise says nothing.
    func isUnchanged(
        _ entry: WalkEntry,
        in upper: borrowing Directory,
        from old: FileStatus,
        in parent: borrowing Directory
    ) throws -> Bool {
        let new = entry.status
        guard new.kind == old.kind, new.permissions == old.permissions, new.uid == old.uid, new.gid == old.gid else {
            return false
        }
        if new.kind == .directory { return true }
        guard new.modified.seconds == old.modified.seconds else { return false }
        switch new.kind {
        case .symlink:
            return try upper.readLink(entry.name, .noSymlinks) == parent.readLink(entry.path, .noSymlinks)
        case .characterDevice, .blockDevice:
            return new.deviceMajor == old.deviceMajor && new.deviceMinor == old.deviceMinor
        case .regular:
            guard new.size == old.size else { return false }
            return try capability(entry.name, in: upper) == capability(entry.path, in: parent)
                && hasEqualContent(entry, in: upper, parent)
        case .fifo, .socket, .directory: return true
        }
    }

    private func capability(_ path: Path, in directory: borrowing Directory) throws(SystemError) -> [UInt8]? {
        try directory.extendedAttribute(path, name: LayerDiff.capability, .noSymlinks)
    }

    private func hasEqualContent(
        _ entry: WalkEntry,
        in upper: borrowing Directory,
        _ parent: borrowing Directory
    ) throws(SystemError) -> Bool {
        let new = try upper.openFile(entry.name, [.readOnly, .noFollow, .nonBlocking], .noSymlinks)
        let old = try parent.openFile(entry.path, [.readOnly, .noFollow, .nonBlocking], .noSymlinks)
        while true {
            let count = try fill(left, from: new)
            guard try fill(right, from: old) == count, isEqual(count) else {
                return false
            }
            if count < left.count { return true }
        }
    }

    private func isEqual(_ count: Int) -> Bool {
        guard let left = left.baseAddress, let right = right.baseAddress else { return false }
        return memcmp(left, right, count) == 0
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer,
        from file: borrowing FileDescriptor
    ) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
