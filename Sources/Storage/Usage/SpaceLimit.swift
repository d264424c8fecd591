import LinuxSystem

/// How much of the disk the cache may take.
package enum SpaceLimit: Hashable, Sendable {
    case bytes(Int64)
    /// Of the whole disk, from 0 to 100.
    case percent(Double)

    /// The limit in bytes on a disk.
    package func bytes(on disk: DiskSpace) -> Int64 {
        switch self {
        case .bytes(let count): count
        case .percent(let part): Int64(Double(disk.total) * part / 100)
        }
    }
}
