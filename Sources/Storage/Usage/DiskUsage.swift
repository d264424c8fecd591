import LinuxSystem

/// The bytes that everything below a directory takes on the disk; hard links count once.
func diskUsage(of directory: borrowing Directory) throws -> Int64 {
    var blocks: Int64 = 0
    var linked: Set<UInt64> = []
    try walk(directory, sorted: false) { entry, _ in
        let status = entry.status
        if status.kind == .directory || status.links == 1 || linked.insert(status.inode).inserted {
            blocks += status.blocks
        }
        return .descend
    }
    return blocks * 512
}
