import Glibc
import LinuxSystem

// What another user than root may not do, and the kernel allows, because to it the user is root.
extension LedgerSupervisor {
    /// The refusal of taking a name out of its directory; `nil` for who may.
    mutating func refusal(ofRemoving place: CallPlace, _ call: SystemCall) throws(SystemError) -> SystemCallAnswer? {
        let caller = try credentials.credentials(of: call.process)
        if caller.may(.dacOverride) { return nil }
        let parent: FileStatus
        let owner: UInt32
        do throws(SystemError) {
            let removed = try call.newName(place)
            parent = try recordedStatus(of: removed.parent, call.process)
            owner = try recordedStatus(of: removed.parent.openPlace(removed.name), call.process).uid
        } catch {
            // It is not there, or no name: the kernel says what is wrong.
            return nil
        }
        guard caller.mayAccess(parent, UInt32(W_OK | X_OK)) else { return .failure(EACCES) }
        let isSticky = parent.permissions & S_ISVTX != 0
        return isSticky && ![parent.uid, owner].contains(caller.user.filesystem) ? .failure(EPERM) : nil
    }

    /// The refusal of chmod(2), which only the owner may call.
    mutating func refusal(
        ofChangingMode place: CallPlace,
        _ call: SystemCall
    ) throws(SystemError) -> SystemCallAnswer? {
        let caller = try credentials.credentials(of: call.process)
        if caller.may(.fowner) { return nil }
        guard let status = try statusInRoot(call, place) else { return nil }
        return status.uid == caller.user.filesystem ? nil : .failure(EPERM)
    }

    /// The refusal of opening a file that is there.
    mutating func refusal(
        ofOpening place: CallPlace,
        _ opening: Opening,
        _ call: SystemCall
    ) throws(SystemError) -> SystemCallAnswer? {
        let caller = try credentials.credentials(of: call.process)
        let isPlace = opening.flags & UInt32(bitPattern: OpenFlags.pathOnly.rawValue) != 0
        if caller.may(.dacOverride) || isPlace { return nil }
        var place = place
        if opening.flags & UInt32(O_NOFOLLOW) != 0 { place.follows = false }
        guard let status = try statusInRoot(call, place) else { return nil }
        let access = opening.flags & UInt32(O_ACCMODE)
        var wanted: UInt32 = access == UInt32(O_WRONLY) ? 0 : UInt32(R_OK)
        if access != UInt32(O_RDONLY) { wanted |= UInt32(W_OK) }
        return caller.mayAccess(status, wanted) ? nil : .failure(EACCES)
    }

    /// The recorded status of a file or directory of the step's own; `nil` for all others.
    private mutating func statusInRoot(_ call: SystemCall, _ place: CallPlace) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            let status = try recordedStatus(of: call.open(place), call.process)
            guard status.kind == .regular || status.kind == .directory else { return nil }
            return try isInRoot(status, call.process) ? status : nil
        } catch {
            return nil
        }
    }
}

extension Credentials {
    fileprivate func mayAccess(_ status: FileStatus, _ mode: UInt32) -> Bool {
        mayAccess(permissions: status.permissions, uid: status.uid, gid: status.gid, mode: mode)
    }
}
