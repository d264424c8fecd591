import LinuxSystem

/// Tells whether a file of an upper directory is still what the parent has under the same name.
struct LayerComparison: ~Copyable {
    private let bytes = ByteComparison()

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
        return try bytes.areEqual(new, old)
    }
}
