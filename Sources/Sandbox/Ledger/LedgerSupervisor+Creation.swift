import Glibc
import LinuxSystem

/// How a process wants to open a file.
struct Opening {
    var flags: UInt32
    var mode: UInt32
    var closesOnExec: Bool { flags & UInt32(O_CLOEXEC) != 0 }
    var creates: Bool { flags & UInt32(SupervisedCall.createFlag) != 0 }
    var isTemporary: Bool { flags & UInt32(SupervisedCall.temporaryFlag) != 0 }

    init(flags: UInt32, mode: UInt32) {
        self.flags = flags
        self.mode = mode
    }

    /// From struct open_how.
    init(describedAt address: UInt64, of process: CallingProcess) throws(SystemError) {
        let bytes = try process.bytes(address, count: 16)
        let words = bytes.withUnsafeBytes { ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self)) }
        self.init(flags: UInt32(truncatingIfNeeded: words.0), mode: UInt32(truncatingIfNeeded: words.1))
    }
}

// What makes a name: it belongs to who made it, or to the group of a directory that gives its own.
extension LedgerSupervisor {
    /// Where something is to be made.
    struct Creation: ~Copyable {
        let parent: FileDescriptor
        let name: Path
        /// Whose it will be.
        let owner: OwnerRecord
        /// What the process's mask leaves of a mode.
        let mask: UInt32
    }

    /// Where a call makes something; `nil` where the kernel can do all of it.
    ///
    /// With `hasList` the new name's record would be in a list: then an earlier one's must be forgotten, which may have
    /// had the inode in the same moment.
    private mutating func creation(
        _ call: SystemCall,
        _ place: CallPlace,
        hasList: Bool = false
    ) throws(SystemError) -> Creation? {
        let caller = try credentials.credentials(of: call.process)
        guard let index = place.path else { return nil }
        let path = try call.process.path(call[index])
        guard let name = path.lastComponent, name != ".", name != ".." else { return nil }
        let directory = place.directory.map { call.descriptor($0) } ?? CallingProcess.workingDirectory
        let above = path.parent
        let parent: FileDescriptor
        do throws(SystemError) {
            parent = try call.process.open(
                above.isEmpty ? "." : above,
                relativeTo: directory,
                [.pathOnly, .directory]
            )
        } catch {
            return nil
        }
        let status = try recordedStatus(of: parent, call.process)
        let group = status.permissions & S_ISGID != 0 ? status.gid : caller.group.filesystem
        let owner = OwnerRecord(uid: caller.user.filesystem, gid: group)
        if owner.isDefault, !hasList || ledger.isEmpty { return nil }
        if !caller.may(.dacOverride), try !exists(name, in: parent) {
            let wanted = UInt32(W_OK | X_OK)
            guard
                caller.mayAccess(permissions: status.permissions, uid: status.uid, gid: status.gid, mode: wanted)
            else { throw SystemError("make", path, code: EACCES) }
        }
        return Creation(parent: parent, name: name, owner: owner, mask: ~(try call.process.fileMask()))
    }

    private func exists(_ name: Path, in parent: borrowing FileDescriptor) throws(SystemError) -> Bool {
        try Directory(parent.duplicate()).statusIfExists(name) != nil
    }

    mutating func makeDirectory(
        _ call: SystemCall,
        _ place: CallPlace,
        mode: UInt32
    ) throws(SystemError) -> SystemCallAnswer {
        guard let creation = try creation(call, place) else { return .proceed }
        try creation.parent.makeName(creation.name, mode: S_IFDIR | mode & creation.mask & 0o1777)
        try finish(creation, call.process)
        return .value(0)
    }

    mutating func makeLink(
        _ call: SystemCall,
        _ place: CallPlace,
        _ target: Int
    ) throws(SystemError) -> SystemCallAnswer {
        guard let creation = try creation(call, place, hasList: true) else { return .proceed }
        let text = try call.process.path(call[target])
        if text.isEmpty { return .failure(ENOENT) }
        try Directory(creation.parent.duplicate()).symlink(target: text, at: creation.name)
        try finish(creation, call.process)
        return .value(0)
    }

    /// Records whose a name is that was just made.
    private mutating func finish(_ creation: borrowing Creation, _ process: CallingProcess) throws(SystemError) {
        let made = try creation.parent.openPlace(creation.name)
        try record(creation.owner, for: made, process)
    }

    /// A device becomes an empty file with a record.
    mutating func makeNode(
        _ call: SystemCall,
        _ place: CallPlace,
        mode: UInt32,
        device: UInt32
    ) throws(SystemError) -> SystemCallAnswer {
        let kind = mode & S_IFMT
        let isDevice = kind == S_IFBLK || kind == S_IFCHR && device != 0
        guard isDevice else {
            guard kind != S_IFCHR, let creation = try creation(call, place, hasList: kind != S_IFREG) else {
                return .proceed
            }
            try creation.parent.makeName(creation.name, mode: kind | mode & creation.mask & 0o7777)
            try finish(creation, call.process)
            return .value(0)
        }
        guard try credentials.credentials(of: call.process).may(.mknod) else { return .failure(EPERM) }
        let made = try call.newName(place)
        let status = try recordedStatus(of: made.parent, call.process)
        let permissions = mode & ~(try call.process.fileMask()) & 0o7777
        try made.parent.makeName(made.name, mode: S_IFREG | permissions)
        let file = try made.parent.openPlace(made.name)
        var record = OwnerRecord(device: OwnerRecord.Device(isBlock: kind == S_IFBLK, number: device))
        if status.permissions & S_ISGID != 0 { record.gid = status.gid }
        try self.record(record, for: file, call.process)
        return .value(0)
    }

    /// Opens a new file in the process's place where it will not be root's; what exists is the kernel's to open.
    mutating func open(
        _ call: SystemCall,
        _ place: CallPlace,
        _ opening: Opening,
        _ listener: borrowing SystemCallListener
    ) throws(SystemError) -> SystemCallAnswer? {
        if opening.isTemporary { return try openTemporary(call, place, opening, listener) }
        guard opening.creates else { return try refusal(ofOpening: place, opening, call) ?? .proceed }
        guard let creation = try creation(call, place) else { return .proceed }
        if try exists(creation.name, in: creation.parent) {
            return try mayWrite(creation, opening, call.process) ? .proceed : .failure(EACCES)
        }
        let file: FileDescriptor
        do throws(SystemError) {
            file = try creation.parent.openNew(
                creation.name,
                flags: opening.flags,
                mode: opening.mode & creation.mask & 0o7777
            )
        } catch  where error.code == EEXIST {
            // Somebody was faster, and it is theirs.
            return .proceed
        }
        try record(creation.owner, for: file, call.process)
        try listener.answer(call, opened: file, closeOnExec: opening.closesOnExec)
        return nil
    }

    private mutating func mayWrite(
        _ creation: borrowing Creation,
        _ opening: Opening,
        _ process: CallingProcess
    ) throws(SystemError) -> Bool {
        let caller = try credentials.credentials(of: process)
        if caller.may(.dacOverride) || opening.flags & UInt32(O_ACCMODE) == UInt32(O_RDONLY) { return true }
        let file = try creation.parent.openPlace(creation.name)
        let status = try recordedStatus(of: file, process)
        if status.kind != .regular { return true }
        return caller.mayAccess(permissions: status.permissions, uid: status.uid, gid: status.gid, mode: UInt32(W_OK))
    }

    /// O_TMPFILE: a file without a name, which may get one later.
    private mutating func openTemporary(
        _ call: SystemCall,
        _ place: CallPlace,
        _ opening: Opening,
        _ listener: borrowing SystemCallListener
    ) throws(SystemError) -> SystemCallAnswer? {
        let caller = try credentials.credentials(of: call.process)
        let owner = OwnerRecord(uid: caller.user.filesystem, gid: caller.group.filesystem)
        if owner.isDefault { return .proceed }
        let parent = try call.open(place)
        let mode = opening.mode & ~(try call.process.fileMask()) & 0o7777
        let file = try parent.openNew(".", flags: opening.flags, mode: mode)
        try record(owner, for: file, call.process)
        try listener.answer(call, opened: file, closeOnExec: opening.closesOnExec)
        return nil
    }
}

extension OwnerRecord.Device {
    /// From the number that mknod(2) takes.
    init(isBlock: Bool, number: UInt32) {
        self.init(isBlock: isBlock, major: number >> 8 & 0xfff, minor: number & 0xff | number >> 12 & 0xfff00)
    }
}
