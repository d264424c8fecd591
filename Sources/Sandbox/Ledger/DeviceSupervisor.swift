import Glibc
import LinuxSystem

/// Answers the calls about devices of a step in a user namespace, where the kernel lets nobody make one, and of a step
/// without namespaces, which must not have one that it could open: an empty file with a record stands for it.
///
/// Everything else, owners and permissions too, is the kernel's.
package struct DeviceSupervisor: SystemCallHandler {
    private let ledger: OwnershipLedger
    private let hasMore: Bool

    /// A supervisor of a step whose root's devices are in `ledger`; `hasMore` says that there are some in what is mounted.
    package init(ledger: OwnershipLedger, hasMore: Bool) {
        self.ledger = ledger
        self.hasMore = hasMore
    }

    package mutating func answer(
        _ call: SystemCall,
        _ listener: borrowing SystemCallListener
    ) -> SystemCallAnswer? {
        do throws(SystemError) {
            switch LedgerProgram.call(architecture: call.architecture, number: call.number) {
            case .makeNode(let place, let mode, let device):
                return try makeNode(call, place, mode: call.number(mode), device: call.number(device))
            case .status(let place, let buffer, let layout): return try status(call, place, buffer, layout)
            default: return .proceed
            }
        } catch {
            return .failure(error.code)
        }
    }

    private func makeNode(
        _ call: SystemCall,
        _ place: CallPlace,
        mode: UInt32,
        device: UInt32
    ) throws(SystemError) -> SystemCallAnswer {
        let isBlock = mode & S_IFMT == S_IFBLK
        // Overlay's mark of a deletion is none of the devices; and of who may not, the kernel says so.
        guard isBlock || device != 0 else { return .proceed }
        let caller = try call.process.fileAccess()
        let capabilities = Capabilities(rawValue: caller.capabilities)
        guard capabilities.isSuperset(of: [.mknod, .dacOverride]) else { return .proceed }
        let made = try call.newName(place)
        let kind: FileKind = isBlock ? .blockDevice : .characterDevice
        let number = OwnerRecord.Device(isBlock: isBlock, number: device)
        let parent = Directory(try made.parent.duplicate(), ledger: ledger)
        try parent.makeNode(
            made.name,
            kind: kind,
            mode: mode & ~caller.mask & 0o7777,
            major: number.major,
            minor: number.minor
        )
        try giveAway(made.name, in: parent, to: caller)
        return .value(0)
    }

    /// Makes a new file the caller's; the directory may have given it its group.
    private func giveAway(
        _ name: Path,
        in parent: borrowing Directory,
        to caller: CallingProcess.FileAccess
    ) throws(SystemError) {
        if caller.uid == 0, caller.gid == 0 { return }
        let givesGroup = try parent.descriptor.status().permissions & S_ISGID != 0
        try parent.setOwner(name, uid: caller.uid, gid: givesGroup ? Credentials.unchanged : caller.gid)
    }

    /// Shows a file that stands for a device as that device.
    private func status(
        _ call: SystemCall,
        _ place: CallPlace,
        _ buffer: Int,
        _ layout: SupervisedCall.StatusLayout
    ) throws(SystemError) -> SystemCallAnswer {
        if !hasMore, !ledger.hasDevices { return .proceed }
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            return .proceed
        }
        guard let device = OwnerRecord.read(file.raw, "")?.device else { return .proceed }
        let status = try file.status()
        guard status.kind == .regular else { return .proceed }
        let record = OwnerRecord(uid: status.uid, gid: status.gid, device: device)
        return try call.giveStatus(of: file, record, buffer, layout) ? .value(0) : .proceed
    }
}
