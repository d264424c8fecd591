import CLinux
import Glibc

// What the ledger does with files that are open as places (O_PATH).
extension FileDescriptor {
    /// Changes the owner as the kernel knows it, `UInt32.max` for none, with all that this entails: it copies up in an
    /// overlay, and takes set-id bits and capabilities away.
    package func changeOwnerReally(uid: UInt32, gid: UInt32) throws(SystemError) {
        _ = try libraryCall("change owner") { fchownat(raw, "", uid, gid, Int32(CLINUX_EMPTY_PATH)) }
    }

    /// The path by which the kernel knows the file now, from the root of its mounts.
    package func currentPath() throws(SystemError) -> Path {
        let link = Path("/proc/self/fd/\(raw)")
        return try Directory.readLink(AT_FDCWD, link, path: link)
    }

    /// Records an owner; the file is a regular one or a directory.
    package func setOwnerRecord(_ record: OwnerRecord) throws(SystemError) {
        _ = try kernelCall("record owner") { record.write(raw, "") }
    }

    /// Sets the permissions of a place, which fchmod(2) refuses.
    package func setPermissionsOfPlace(_ permissions: UInt32) throws(SystemError) {
        _ = try libraryCall("change mode") { chmod("/proc/self/fd/\(raw)", permissions) }
    }

    /// Makes a directory, fifo, socket or empty file below this directory; `mode` has the type, and is taken as it is
    /// but for the file mask.
    package func makeName(_ name: Path, mode: UInt32) throws(SystemError) {
        _ = try kernelCall("make", name) {
            name.withCString { name in
                if mode & S_IFMT == S_IFDIR { return mkdirat(raw, name, mode & 0o7777) < 0 ? -errno : 0 }
                return clinux_mknod(raw, name, mode, 0, 0)
            }
        }
    }

    /// Opens a name below this directory as a place, not followed.
    package func openPlace(_ name: Path) throws(SystemError) -> FileDescriptor {
        let flags: OpenFlags = [.pathOnly, .noFollow]
        let opened = try kernelCall("open", name) { name.withCString { clinux_open(raw, $0, flags.rawValue, 0) } }
        return FileDescriptor(owning: opened)
    }

    /// Makes and opens a file below this directory with the flags of open(2); EEXIST where there is one.
    package func openNew(_ name: Path, flags: UInt32, mode: UInt32) throws(SystemError) -> FileDescriptor {
        let isNamed = Int32(bitPattern: flags) & O_CREAT != 0
        let all = Int32(bitPattern: flags) | (isNamed ? O_EXCL : 0)
        return FileDescriptor(
            owning: try kernelCall("make", name) { name.withCString { clinux_open(raw, $0, all, mode) } }
        )
    }

    /// struct stat of this architecture, with a record's owner and device.
    package func nativeStatus(_ record: OwnerRecord) throws(SystemError) -> [UInt8] {
        try status(record) { clinux_status_native(raw, $0, $1) }
    }

    /// struct stat64 of an architecture of 32 bits that runs here too; empty for one that is not known.
    package func narrowStatus(_ record: OwnerRecord, architecture: UInt32) throws(SystemError) -> [UInt8] {
        try status(record) { clinux_status_narrow(raw, architecture, $0, $1) }
    }

    /// struct statx, with a record's owner and device.
    package func extendedStatus(
        _ record: OwnerRecord,
        flags: UInt32,
        mask: UInt32
    ) throws(SystemError) -> [UInt8] {
        try status(record) { clinux_status_extended(raw, flags, mask, $0, $1) }
    }

    private func status(
        _ record: OwnerRecord,
        _ read: (UnsafePointer<clinux_record>, UnsafeMutableRawPointer?) -> Int32
    ) throws(SystemError) -> [UInt8] {
        let device = record.device
        var raw = clinux_record(
            uid: record.uid,
            gid: record.gid,
            type: device.map { $0.isBlock ? S_IFBLK : S_IFCHR } ?? 0,
            major: device?.major ?? 0,
            minor: device?.minor ?? 0
        )
        var bytes = [UInt8](repeating: 0, count: Int(CLINUX_STATUS_SIZE))
        let count = try kernelCall("stat") { bytes.withUnsafeMutableBytes { read(&raw, $0.baseAddress) } }
        return Array(bytes[..<Int(count)])
    }
}

extension Directory {
    /// The names of the attributes of an open file or place, without that of its record.
    package static func attributes(of file: borrowing FileDescriptor) throws(SystemError) -> [Path] {
        var list = [CChar](repeating: 0, count: 1 << 16)
        let count = try kernelCall("list attributes") { clinux_place_attributes(file.raw, &list, list.count) }
        return list[..<count].split(separator: 0)
            .map { Path(bytes: $0.map { UInt8(bitPattern: $0) }) }
            .filter { $0 != OwnerRecord.attribute }
    }
}
