import CLinux
import Glibc

/// What a name in a directory is.
package enum FileKind: UInt8, Hashable, Sendable {
    case regular
    case directory
    case symlink
    case characterDevice
    case blockDevice
    case fifo
    case socket

    /// The kind in the type bits of a mode; `nil` for a value that no kernel gives.
    init?(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symlink
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        default: return nil
        }
    }

    /// The kind in a `d_type`; `nil` where the filesystem does not say.
    init?(directoryType: UInt8) {
        self.init(mode: UInt32(directoryType) << 12)
    }

    /// The type bits of a mode.
    package var modeBits: UInt32 {
        switch self {
        case .regular: S_IFREG
        case .directory: S_IFDIR
        case .symlink: S_IFLNK
        case .characterDevice: S_IFCHR
        case .blockDevice: S_IFBLK
        case .fifo: S_IFIFO
        case .socket: S_IFSOCK
        }
    }
}

/// A time of the filesystem, since 1970.
package struct FileTime: Hashable, Comparable, Sendable {
    package var seconds: Int64
    /// Below 1_000_000_000.
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The present time of the real clock.
    package static var now: FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
    }
}

/// The status of a file, from statx(2).
package struct FileStatus: Hashable, Sendable {
    package var kind: FileKind
    /// The low twelve bits of the mode: 07777.
    package var permissions: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Bytes; for a symbolic link the length of its target.
    package var size: Int64
    /// Blocks of 512 bytes that are really taken.
    package var blocks: Int64
    package var inode: UInt64
    /// The device that holds the file.
    package var device: UInt64
    package var links: UInt32
    /// The device that a device node stands for.
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32
    package var modified: FileTime
    package var changed: FileTime
    /// When the inode was made; zero where the filesystem does not say.
    package var born: FileTime

    init(_ raw: clinux_status) {
        kind = FileKind(mode: raw.mode) ?? .regular
        permissions = raw.mode & 0o7777
        uid = raw.uid
        gid = raw.gid
        size = raw.size
        blocks = raw.blocks
        inode = raw.inode
        device = raw.device
        links = raw.links
        deviceMajor = raw.device_major
        deviceMinor = raw.device_minor
        modified = FileTime(seconds: raw.modified_seconds, nanoseconds: raw.modified_nanoseconds)
        changed = FileTime(seconds: raw.changed_seconds, nanoseconds: raw.changed_nanoseconds)
        born = FileTime(seconds: raw.born_seconds, nanoseconds: raw.born_nanoseconds)
    }

    /// A file of this machine, whatever its names.
    package struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    /// Bytes that are really taken.
    package var allocatedSize: Int64 { blocks * 512 }

    package var identity: Identity { Identity(device: device, inode: inode) }

    /// Permissions with the type bits, as `st_mode`.
    package var mode: UInt32 { permissions | kind.modeBits }

    /// Whether this marks a deleted name of a layer: overlay's character device 0:0, or the socket without permissions
    /// that stands for it where nobody can make one.
    package var isWhiteout: Bool {
        switch kind {
        case .characterDevice: deviceMajor == 0 && deviceMinor == 0
        case .socket: permissions == 0
        default: false
        }
    }

    /// The status of `name` below the directory descriptor; an empty name means the descriptor itself.
    static func read(
        _ directory: Int32,
        _ name: UnsafePointer<CChar>,
        follow: Bool,
        path: @autoclosure () -> Path?
    ) throws(SystemError) -> FileStatus {
        var raw = clinux_status()
        _ = try kernelCall("stat", path()) { clinux_statx(directory, name, follow ? 1 : 0, &raw) }
        return FileStatus(raw)
    }
}
