import Glibc
import LinuxSystem

// chown(2) and its relatives.
extension LedgerSupervisor {
    mutating func changeOwner(
        _ call: SystemCall,
        _ place: CallPlace,
        _ owner: Int,
        _ isNarrow: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        let uid = Self.id(call.number(owner), isNarrow)
        let gid = Self.id(call.number(owner + 1), isNarrow)
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            // An open file by its link in proc: it keeps its owner. Else the kernel says what is wrong.
            return error.code == ELOOP ? .value(0) : .proceed
        }
        let status = try recordedStatus(of: file, call.process)
        let caller = try credentials.credentials(of: call.process)
        guard caller.mayChangeOwner(of: status, uid: uid, gid: gid) else { return .failure(EPERM) }
        // What a change of owner does besides: copying up, times, set-id bits and capabilities.
        try file.changeOwnerReally(
            uid: uid == Credentials.unchanged ? uid : 0,
            gid: gid == Credentials.unchanged ? gid : 0
        )
        var record = try self.record(of: file, call.process) ?? OwnerRecord()
        if uid != Credentials.unchanged { record.uid = uid }
        if gid != Credentials.unchanged { record.gid = gid }
        try self.record(record, for: file, call.process)
        return .value(0)
    }

    /// Records the owner of an open file; what can have none, such as a pipe, is let go.
    mutating func record(
        _ record: OwnerRecord,
        for file: borrowing FileDescriptor,
        _ process: CallingProcess
    ) throws(SystemError) {
        let status = try file.status()
        switch status.kind {
        case .regular, .directory:
            do throws(SystemError) {
                try file.setOwnerRecord(record)
            } catch  where error.code == EOPNOTSUPP {
                // A file system of the kernel, or a tmpfs before 6.6: it does not outlive the step.
            }
        case .symlink, .fifo, .socket:
            let list = try list(for: status, of: process)
            // The mount is not this process's: the kernel tells the path from its root.
            let path = try file.currentPath().relative
            try list.set(record, for: status, stored: list === ledger ? upper.directory.statusIfExists(path) : nil)
        case .characterDevice, .blockDevice: break
        }
    }

    /// Before a name is renamed or linked: overlay copies up a link of a layer below, and with it goes the record, which
    /// is of the old inode.
    mutating func copyName(
        _ call: SystemCall,
        _ place: CallPlace,
        _ isMoved: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        if isMoved, let refusal = try refusal(ofRemoving: place, call) { return refusal }
        if ledger.isEmpty { return .proceed }
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            return .proceed
        }
        let status = try file.status()
        guard [.symlink, .fifo, .socket].contains(status.kind), let record = ledger.record(of: status) else {
            return .proceed
        }
        let unchanged = Credentials.unchanged
        try file.changeOwnerReally(uid: unchanged, gid: unchanged)
        try self.record(record, for: file, call.process)
        return .proceed
    }

    /// An id as 32 bits; in calls with 16 bits, all of them set mean that it stays as it is.
    static func id(_ argument: UInt32, _ isNarrow: Bool) -> UInt32 {
        guard isNarrow else { return argument }
        let id = argument & 0xffff
        return id == 0xffff ? Credentials.unchanged : id
    }
}

extension Credentials {
    /// Whether chown(2) is allowed: root may do all, the owner may give a file to a group of its own.
    func mayChangeOwner(of status: FileStatus, uid: UInt32, gid: UInt32) -> Bool {
        if may(.chown) { return true }
        guard user.filesystem == status.uid else { return uid == Self.unchanged && gid == Self.unchanged }
        let keepsUser = uid == Self.unchanged || uid == status.uid
        return keepsUser && (gid == Self.unchanged || gid == status.gid || isMember(of: gid))
    }
}
