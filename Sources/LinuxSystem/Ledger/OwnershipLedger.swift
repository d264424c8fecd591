import CLinux
import Glibc
import Synchronization

/// Who owns the files of a tree where the kernel knows one id only, and which of them are devices where it lets nobody
/// make one.
///
/// Regular files and directories carry their record themselves (``OwnerRecord``). Symbolic links, fifos and sockets can
/// have no such attribute: theirs are here, by inode and the time it was made, and in a list beside the layer.
/// A file without a record is root's. With the scope ``LedgerScope/devices`` owners are real, and only the files that stand
/// for devices have a record.
package final class OwnershipLedger: Sendable {
    /// An inode that is not mistaken for a later one of the same number.
    struct Key: Hashable {
        var inode: UInt64
        var born: FileTime
    }

    /// The name of the list in the directory of a layer.
    package static let listName: Path = "owners"
    /// The name of the empty file beside a layer with devices, for the scope ``LedgerScope/devices``.
    private static let deviceMark: Path = "devices"

    package let scope: LedgerScope
    /// Whether there may be devices; asked where looking for them can be spared.
    private let devices = Atomic<Bool>(false)
    private let records: Mutex<[Key: OwnerRecord]>
    /// Where the list of the layer that is being made is; nil for a tree that is only read.
    private let home: SharedDirectory?

    /// The records in the lists of `layers` (directories that may hold one), with later ones added to that in `home`.
    package init(
        _ scope: LedgerScope = .owners,
        layers: [Path] = [],
        home: SharedDirectory? = nil
    ) throws(SystemError) {
        self.scope = scope
        self.home = home
        records = Mutex([:])
        for layer in layers { try include(layer) }
        if let home { try include(home.directory.procPath) }
    }

    /// Adds what is recorded in one more layer, a directory that may hold a list.
    package func include(_ layer: Path) throws(SystemError) {
        switch scope {
        case .owners:
            var read: [Key: OwnerRecord] = [:]
            try Self.read(layer.appending(Self.listName), into: &read)
            if !read.isEmpty { records.withLock { $0.merge(read) { $1 } } }
        case .devices:
            if hasDevices || (try? FileStatus.of(layer.appending(Self.deviceMark))) == nil { return }
            devices.store(true, ordering: .relaxed)
        }
    }

    /// Whether files may stand for devices; always where owners are recorded.
    package var hasDevices: Bool { scope == .owners || devices.load(ordering: .relaxed) }

    /// Notes that a file stands for a device.
    package func noteDevice() {
        devices.store(true, ordering: .relaxed)
    }

    /// Leaves a note for who looks for devices in the layer alone; when it is complete, since one of a layer below may
    /// have been copied to it.
    package func finish() throws(SystemError) {
        guard scope == .devices, hasDevices, let home else { return }
        try home.directory.writeFile(Self.deviceMark, [], mode: 0o600, .noSymlinks)
    }

    /// Whether no name without attributes has a record.
    package var isEmpty: Bool { records.withLock { $0.isEmpty } }

    /// The record of a name that can carry no attribute.
    package func record(of status: FileStatus) -> OwnerRecord? {
        records.withLock { $0[Key(inode: status.inode, born: status.born)] }
    }

    /// Records the owner of a name that can carry no attribute.
    ///
    /// `stored` is its status in the layer, where that is not what a mount of it shows: overlay keeps the inode number of
    /// what was copied up, as long as it is mounted.
    package func set(
        _ record: OwnerRecord,
        for status: FileStatus,
        stored: FileStatus? = nil
    ) throws(SystemError) {
        let shown = Key(inode: status.inode, born: status.born)
        let kept = stored.map { Key(inode: $0.inode, born: $0.born) } ?? shown
        let isNew = records.withLock { records in
            defer {
                records[shown] = record
                records[kept] = record
            }
            return (records[kept] ?? OwnerRecord()) != record
        }
        if isNew { try append(kept, record) }
    }

    /// The status of a name of a tree, with the recorded owner; `name` is empty for what the descriptor stands for.
    package func status(
        _ status: FileStatus,
        of name: UnsafePointer<CChar>,
        in directory: Int32
    ) -> FileStatus {
        switch (scope, status.kind) {
        case (.devices, .regular) where hasDevices:
            OwnerRecord.read(directory, name).map { status.applying($0, owner: false) } ?? status
        case (.devices, _): status
        case (.owners, .regular), (.owners, .directory):
            status.applying(OwnerRecord.read(directory, name) ?? OwnerRecord())
        case (.owners, .symlink), (.owners, .fifo), (.owners, .socket):
            status.applying(record(of: status) ?? OwnerRecord())
        case (.owners, .characterDevice), (.owners, .blockDevice): status.applying(OwnerRecord())
        }
    }

    /// Records the owner of a name (not followed) or of what the descriptor stands for.
    package func setOwner(
        uid: UInt32,
        gid: UInt32,
        of name: UnsafePointer<CChar>,
        in directory: Int32
    ) throws(SystemError) {
        let status = try FileStatus.read(directory, name, follow: false, path: Path(cString: name))
        switch status.kind {
        case .regular, .directory:
            var record = OwnerRecord.read(directory, name) ?? OwnerRecord()
            record.uid = uid
            record.gid = gid
            _ = try kernelCall("record owner of", Path(cString: name)) { record.write(directory, name) }
        case .symlink, .fifo, .socket: try set(OwnerRecord(uid: uid, gid: gid), for: status)
        // A whiteout is nobody's.
        case .characterDevice, .blockDevice: break
        }
    }

    // MARK: The list

    /// inode, seconds and nanoseconds of birth, uid, gid, zero: in the machine's byte order.
    private static let entrySize = 32

    private static func read(_ path: Path, into records: inout [Key: OwnerRecord]) throws(SystemError) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileDescriptor.open(path).readAll(limit: 1 << 30)
        } catch  where error.isNotFound {
            return
        }
        bytes.withUnsafeBytes { buffer in
            for start in stride(from: 0, through: buffer.count - entrySize, by: entrySize) {
                let born = FileTime(
                    seconds: buffer.loadUnaligned(fromByteOffset: start + 8, as: Int64.self),
                    nanoseconds: buffer.loadUnaligned(fromByteOffset: start + 16, as: UInt32.self)
                )
                let key = Key(inode: buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self), born: born)
                records[key] = OwnerRecord(
                    uid: buffer.loadUnaligned(fromByteOffset: start + 20, as: UInt32.self),
                    gid: buffer.loadUnaligned(fromByteOffset: start + 24, as: UInt32.self)
                )
            }
        }
    }

    private func append(_ key: Key, _ record: OwnerRecord) throws(SystemError) {
        guard let home else { return }
        let file = try home.directory.openFile(Self.listName, [.writeOnly, .create, .append], mode: 0o600)
        var bytes: [UInt8] = []
        for value in [key.inode, UInt64(bitPattern: key.born.seconds)] {
            withUnsafeBytes(of: value) { bytes += $0 }
        }
        for value in [key.born.nanoseconds, record.uid, record.gid, 0] {
            withUnsafeBytes(of: value) { bytes += $0 }
        }
        try file.writeAll(bytes)
    }
}
