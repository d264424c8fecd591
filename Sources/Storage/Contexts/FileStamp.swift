import LinuxSystem

/// What tells that a file is as it was: as long as all of this is the same, its bytes are.
struct FileStamp: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var mode: UInt32
    var modified: FileTime
    var changed: FileTime

    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
        size = status.size
        mode = status.mode
        modified = status.modified
        changed = status.changed
    }

    /// Bytes of the form in files: the fields in their order, little-endian; of a time the seconds (Int64) and the
    /// nanoseconds (UInt32).
    static let size = 3 * 8 + 4 + 2 * 12

    func append(to bytes: inout [UInt8]) {
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(device)
        append(inode)
        append(size)
        append(mode)
        for time in [modified, changed] {
            append(time.seconds)
            append(time.nanoseconds)
        }
    }

    /// Whether `bytes` begin with the stamp of a file that is as `status` says.
    static func matches(_ bytes: UnsafeRawBufferPointer, _ status: FileStatus) -> Bool {
        changed(bytes) == status.changed && load(bytes, 8) == status.inode && load(bytes, 16) == status.size
            && time(bytes, 28) == status.modified && load(bytes, 24) == status.mode
            && load(bytes, 0) == status.device
    }

    /// When the file of the stamp at the beginning of `bytes` was last changed.
    static func changed(_ bytes: UnsafeRawBufferPointer) -> FileTime { time(bytes, 40) }

    private static func time(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> FileTime {
        FileTime(seconds: load(bytes, offset), nanoseconds: load(bytes, offset + 8))
    }

    private static func load<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> T {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}
