import LinuxSystem

/// Adds up the bytes that files take on the disk, as `du` does: what has several names counts once.
///
/// Directories may be in use: what vanishes meanwhile, or may not be entered, is left out.
struct DiskMeter {
    /// Whether files with several names are left out.
    var skipsLinks = false
    /// The inodes that were left out, once for each name.
    private(set) var omitted: [UInt64] = []
    private var linked: Set<Identity> = []

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// The bytes of a file, or of a directory itself; 0 where one of its names was counted before.
    mutating func measure(_ status: FileStatus) -> Int64 {
        if status.kind != .directory, status.links > 1,
            skipsLinks || !linked.insert(Identity(device: status.device, inode: status.inode)).inserted
        {
            return 0
        }
        return status.allocatedSize
    }

    /// The bytes of a directory and everything below it, but for files of the inodes `omitting`.
    mutating func measure(
        _ directory: borrowing Directory,
        omitting: Set<UInt64> = []
    ) throws(SystemError) -> Int64 {
        var total = measure(try directory.descriptor.status())
        // As the kernel has them: whose they are said to be does not matter, and asking would cost.
        let plain = Directory(try directory.descriptor.duplicate())
        var walk = try TreeWalk(plain, sorted: false, omitting: omitting)
        while true {
            do throws(SystemError) {
                guard let step = try walk.next() else {
                    omitted += walk.omitted
                    return total
                }
                if case .enter(let entry) = step { total += measure(entry.status) }
            } catch  where error.isNotFound || error.isPermission {
                continue
            }
        }
    }

    /// The bytes of a name of a directory and of everything below it; 0 where it is missing.
    mutating func measure(_ name: Path, in directory: borrowing Directory) throws(SystemError) -> Int64 {
        do throws(SystemError) {
            guard let status = try directory.statusIfExists(name, .noSymlinks) else { return 0 }
            guard status.kind == .directory else { return measure(status) }
            return try measure(directory.openDirectory(name, .noSymlinks))
        } catch  where error.isNotFound || error.isPermission {
            return 0
        }
    }
}
