import CLinux

/// The space of a filesystem, in bytes.
package struct DiskSpace: Hashable, Sendable {
    package var total: Int64
    /// What this user may still fill.
    package var available: Int64

    package init(total: Int64, available: Int64) {
        self.total = total
        self.available = available
    }
}

extension FileDescriptor {
    /// The space of the filesystem that holds this file.
    package func diskSpace() throws(SystemError) -> DiskSpace {
        var space = DiskSpace(total: 0, available: 0)
        _ = try kernelCall("ask for disk space") { clinux_disk_space(raw, &space.total, &space.available) }
        return space
    }
}
