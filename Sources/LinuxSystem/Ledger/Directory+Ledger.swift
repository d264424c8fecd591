import CLinux
import Glibc

// A directory with a ledger gives and takes owners and devices as they are recorded, whatever the kernel knows.
extension Directory {
    /// The same directory, of which and of all that is opened below it is recorded in `ledger` what its scope says.
    package consuming func recordingOwners(in ledger: OwnershipLedger) -> Directory {
        Directory(descriptor, ledger: ledger)
    }

    /// The status of a name of this directory as the ledger has it, if there is one.
    func recorded(
        _ status: FileStatus,
        _ name: UnsafePointer<CChar>,
        in directory: Int32
    ) -> FileStatus {
        ledger?.status(status, of: name, in: directory) ?? status
    }

    /// Makes a new link, fifo or socket root's: an earlier one may have had its inode, in the same moment.
    func forgetOwner(_ path: Path, _ resolution: Resolution) throws(SystemError) {
        guard let ledger, ledger.scope == .owners, !ledger.isEmpty else { return }
        try setOwner(path, uid: 0, gid: 0, resolution)
    }

    /// Makes an empty file that stands for a device.
    func makePlaceholder(
        _ path: Path,
        _ device: OwnerRecord.Device,
        mode: UInt32,
        _ resolution: Resolution
    ) throws(SystemError) {
        try onName("make node", path, resolution) { parent, name in
            let code = clinux_mknod(parent, name, S_IFREG | mode & 0o7777, 0, 0)
            if code < 0 { return code }
            let recorded = OwnerRecord(device: device).write(parent, name)
            if recorded >= 0 { return clinux_fchmodat(parent, name, mode) }
            _ = unlinkat(parent, name, 0)
            // A file system without attributes has no devices.
            return recorded == -EOPNOTSUPP ? -EPERM : recorded
        }
        ledger?.noteDevice()
    }
}
