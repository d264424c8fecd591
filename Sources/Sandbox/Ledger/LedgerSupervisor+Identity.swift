import Glibc
import LinuxSystem

// Who a process is, and what it executes.
extension LedgerSupervisor {
    mutating func identity(
        _ call: SystemCall,
        _ identity: IdentityCall,
        _ isNarrow: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        let present = try credentials.credentials(of: call.process)
        switch identity {
        case .getuid: return .value(Self.shown(present.user.real, isNarrow))
        case .geteuid: return .value(Self.shown(present.user.effective, isNarrow))
        case .getgid: return .value(Self.shown(present.group.real, isNarrow))
        case .getegid: return .value(Self.shown(present.group.effective, isNarrow))
        case .getresuid: return try give(present.user, call, isNarrow)
        case .getresgid: return try give(present.group, call, isNarrow)
        case .getgroups: return try give(present.supplementary, call, isNarrow)
        case .setgroups: return try setGroups(call, present, isNarrow)
        default: return try change(call, identity, present, isNarrow)
        }
    }

    private mutating func change(
        _ call: SystemCall,
        _ identity: IdentityCall,
        _ present: Credentials,
        _ isNarrow: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        let arguments = (0..<3).map { Self.id(call.number($0), isNarrow) }
        let (first, second, third) = (arguments[0], arguments[1], arguments[2])
        let isPrivileged = present.may(identity.capability)
        var next = present
        var user = present.user
        var value: UInt32 = 0
        var isAllowed = true
        switch identity {
        case .setuid: isAllowed = user.set(first, privileged: isPrivileged)
        case .setgid: isAllowed = next.group.set(first, privileged: isPrivileged)
        case .setreuid: isAllowed = user.set(real: first, effective: second, privileged: isPrivileged)
        case .setregid: isAllowed = next.group.set(real: first, effective: second, privileged: isPrivileged)
        case .setresuid:
            isAllowed = user.set(real: first, effective: second, saved: third, privileged: isPrivileged)
        case .setresgid:
            isAllowed = next.group.set(real: first, effective: second, saved: third, privileged: isPrivileged)
        case .setfsuid: value = user.set(filesystem: first, privileged: isPrivileged)
        case .setfsgid: value = next.group.set(filesystem: first, privileged: isPrivileged)
        default: return .proceed
        }
        // -1 is no id.
        if identity == .setuid || identity == .setgid, first == Credentials.unchanged { return .failure(EINVAL) }
        guard isAllowed else { return .failure(EPERM) }
        next.changeUser(user)
        if next != present { try credentials.set(next, of: call.process) }
        return .value(Self.shown(value, isNarrow))
    }

    /// prctl(PR_SET_KEEPCAPS): the kernel does it too, since the process really keeps them.
    mutating func keepCapabilities(_ call: SystemCall) throws(SystemError) -> SystemCallAnswer {
        var next = try credentials.credentials(of: call.process)
        next.keepsCapabilities = call[1] == 1
        try credentials.set(next, of: call.process)
        return .proceed
    }

    /// capset(2): the kernel does it too, and says what is wrong.
    mutating func setCapabilities(_ call: SystemCall) throws(SystemError) -> SystemCallAnswer {
        let present = try credentials.credentials(of: call.process)
        // User 0 has them all; of others only those of the third version are known, whose data are six words.
        guard present.user.effective != 0, !present.permitted.isEmpty,
            let words = try? call.process.bytes(call[1], count: 24).words
        else { return .proceed }
        var next = present
        next.setCapabilities(
            effective: Capabilities(rawValue: UInt64(words[0]) | UInt64(words[3]) << 32),
            permitted: Capabilities(rawValue: UInt64(words[1]) | UInt64(words[4]) << 32)
        )
        if next != present { try credentials.set(next, of: call.process) }
        return .proceed
    }

    private static func shown(_ id: UInt32, _ isNarrow: Bool) -> Int64 {
        // As the kernel: what does not fit is the overflow id.
        isNarrow && id > 0xffff ? 65534 : Int64(id)
    }

    private func give(
        _ ids: Credentials.IDs,
        _ call: SystemCall,
        _ isNarrow: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        for (index, id) in [ids.real, ids.effective, ids.saved].enumerated() {
            try call.process.write(call[index], Self.bytes([id], isNarrow))
        }
        return .value(0)
    }

    private func give(
        _ groups: [UInt32],
        _ call: SystemCall,
        _ isNarrow: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        let room = Int32(bitPattern: call.number(0))
        if room == 0 { return .value(Int64(groups.count)) }
        guard room >= groups.count else { return .failure(EINVAL) }
        if !groups.isEmpty { try call.process.write(call[1], Self.bytes(groups, isNarrow)) }
        return .value(Int64(groups.count))
    }

    private static func bytes(_ ids: [UInt32], _ isNarrow: Bool) -> [UInt8] {
        ids.flatMap { id in
            isNarrow
                ? withUnsafeBytes(of: UInt16(truncatingIfNeeded: shown(id, true)), Array.init)
                : withUnsafeBytes(of: id, Array.init)
        }
    }

    private mutating func setGroups(
        _ call: SystemCall,
        _ present: Credentials,
        _ isNarrow: Bool
    ) throws(SystemError) -> SystemCallAnswer {
        guard present.may(.setgid) else { return .failure(EPERM) }
        let count = Int(call.number(0))
        // NGROUPS_MAX
        guard count <= 65536 else { return .failure(EINVAL) }
        let width = isNarrow ? 2 : 4
        var next = present
        next.supplementary = try call.process.bytes(call[1], count: count * width).groups(of: width)
        if next != present { try credentials.set(next, of: call.process) }
        return .value(0)
    }

    /// The limit that carries a process's credentials stays: Debian's pam_limits sets all to those of the first process.
    func setLimit(_ call: SystemCall, _ place: SupervisedCall.LimitPlace?) throws(SystemError) -> SystemCallAnswer {
        guard let place else { return .value(0) }
        guard call[place.new] != 0 else { return .proceed }
        if call[place.old] != 0 {
            let hard = try call.process.limit(Int32(CredentialTable.resource)).hard
            let both = [hard, hard].flatMap { limit in withUnsafeBytes(of: limit, Array.init) }
            try call.process.write(call[place.old], both)
        }
        return .value(0)
    }

    // MARK: Programs

    /// Gives a process the ids of a set-user-ID or set-group-ID program that it is about to execute.
    mutating func execute(_ call: SystemCall, _ place: CallPlace) throws(SystemError) -> SystemCallAnswer {
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            return .proceed
        }
        let status = try file.status()
        guard status.kind == .regular else { return .proceed }
        let present = try credentials.credentials(of: call.process)
        var next = present
        next.execute(permissions: 0, uid: 0, gid: 0)
        if status.permissions & (S_ISUID | S_ISGID) != 0, try !isScript(file) {
            let owner = try record(of: file, call.process) ?? OwnerRecord()
            next = present
            next.execute(permissions: status.permissions, uid: owner.uid, gid: owner.gid)
        }
        if !present.may(.dacOverride), try !mayExecute(file, present, call.process) { return .failure(EACCES) }
        if next != present { try credentials.set(next, of: call.process) }
        return .proceed
    }

    private mutating func mayExecute(
        _ file: borrowing FileDescriptor,
        _ caller: Credentials,
        _ process: CallingProcess
    ) throws(SystemError) -> Bool {
        let status = try recordedStatus(of: file, process)
        return caller.mayAccess(
            permissions: status.permissions,
            uid: status.uid,
            gid: status.gid,
            mode: UInt32(X_OK)
        )
    }

    /// Whether another program interprets the file: then its set-id bits mean nothing.
    private func isScript(_ place: borrowing FileDescriptor) throws(SystemError) -> Bool {
        let file = try FileDescriptor.open(Path("/proc/self/fd/\(place.raw)"), [.readOnly, .nonBlocking])
        var start: UInt16 = 0
        let count = try withUnsafeMutableBytes(of: &start) { buffer throws(SystemError) in
            try file.read(into: buffer, at: 0)
        }
        return count == 2 && UInt16(littleEndian: start) == 0x2123
    }
}

extension IdentityCall {
    /// What a process must be able to do to take ids that it has not.
    fileprivate var capability: Capabilities {
        switch self {
        case .setuid, .setreuid, .setresuid, .setfsuid: .setuid
        default: .setgid
        }
    }
}

extension [UInt8] {
    /// Words of 32 bits.
    fileprivate var words: [UInt32] { groups(of: 4) }

    /// Group ids of a width in bytes, in the machine's order.
    fileprivate func groups(of width: Int) -> [UInt32] {
        withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: width).map { offset in
                width == 2
                    ? UInt32(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
                    : bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            }
        }
    }
}
