import Glibc

/// Who a process is said to be: the ids of credentials(7), with the rules by which they change.
///
/// User 0 has every capability. Others have what they keep of them when they stop being user 0, as setpriv(1) does.
struct Credentials: Hashable, Sendable {
    /// Real, effective, saved and filesystem id of a user or of the primary group.
    struct IDs: Hashable, Sendable {
        var real: UInt32
        var effective: UInt32
        var saved: UInt32
        var filesystem: UInt32

        init(_ id: UInt32) {
            (real, effective, saved, filesystem) = (id, id, id, id)
        }

        func has(_ id: UInt32) -> Bool { id == real || id == effective || id == saved }
    }

    var user: IDs
    var group: IDs
    var supplementary: [UInt32]
    /// PR_SET_KEEPCAPS: the capabilities outlive the last id 0.
    var keepsCapabilities = false
    /// What another user than 0 may make effective by capset(2), and what is.
    var permitted: Capabilities
    var effective: Capabilities = []

    init(_ user: StepUser) {
        self.user = IDs(user.uid)
        group = IDs(user.gid)
        supplementary = user.groups
        permitted = user.uid == 0 ? .all : []
    }

    /// Whether a capability is effective.
    func may(_ capability: Capabilities) -> Bool { user.effective == 0 || effective.contains(capability) }

    /// An argument that leaves an id as it is.
    static let unchanged = UInt32.max

    /// Whether the effective group or a supplementary one is `id`.
    func isMember(of id: UInt32) -> Bool { group.filesystem == id || supplementary.contains(id) }
}

extension Credentials.IDs {
    /// setuid(2), setgid(2); false is EPERM.
    mutating func set(_ id: UInt32, privileged: Bool) -> Bool {
        if privileged {
            self = Credentials.IDs(id)
            return true
        }
        guard id == real || id == saved else { return false }
        effective = id
        filesystem = id
        return true
    }

    /// setreuid(2), setregid(2).
    mutating func set(real newReal: UInt32, effective newEffective: UInt32, privileged: Bool) -> Bool {
        let unchanged = Credentials.unchanged
        guard privileged || newReal == unchanged || newReal == real || newReal == effective,
            privileged || newEffective == unchanged || has(newEffective)
        else { return false }
        let old = real
        if newReal != unchanged { real = newReal }
        if newEffective != unchanged { effective = newEffective }
        if newReal != unchanged || newEffective != unchanged && newEffective != old { saved = effective }
        filesystem = effective
        return true
    }

    /// setresuid(2), setresgid(2).
    mutating func set(
        real newReal: UInt32,
        effective newEffective: UInt32,
        saved newSaved: UInt32,
        privileged: Bool
    ) -> Bool {
        let unchanged = Credentials.unchanged
        guard privileged || [newReal, newEffective, newSaved].allSatisfy({ $0 == unchanged || has($0) }) else {
            return false
        }
        if newReal != unchanged { real = newReal }
        if newEffective != unchanged { effective = newEffective }
        if newSaved != unchanged { saved = newSaved }
        filesystem = effective
        return true
    }

    /// setfsuid(2), setfsgid(2): gives the old id, whether it worked or not.
    mutating func set(filesystem id: UInt32, privileged: Bool) -> UInt32 {
        let old = filesystem
        if privileged || has(id) || id == filesystem, id != Credentials.unchanged { filesystem = id }
        return old
    }
}

extension Credentials {
    /// These credentials with user ids of before and after a change: capabilities(7), "Effect of user ID changes".
    mutating func changeUser(_ ids: IDs) {
        if user.has(0), !ids.has(0) { permitted = keepsCapabilities ? permitted : [] }
        if !user.has(0), ids.has(0) { permitted = .all }
        if ids.effective != 0 { effective = user.effective == 0 ? [] : effective.intersection(permitted) }
        user = ids
    }

    /// capset(2) by another user than 0.
    mutating func setCapabilities(effective wanted: Capabilities, permitted kept: Capabilities) {
        permitted = permitted.intersection(kept)
        effective = wanted.intersection(permitted)
    }

    /// What execve(2) makes of a program with these permissions and this owner.
    mutating func execute(permissions: UInt32, uid: UInt32, gid: UInt32) {
        keepsCapabilities = false
        effective = []
        if permissions & S_ISUID != 0 { user.effective = uid }
        if permissions & (S_ISGID | S_IXGRP) == S_ISGID | S_IXGRP { group.effective = gid }
        user.saved = user.effective
        user.filesystem = user.effective
        group.saved = group.effective
        group.filesystem = group.effective
        permitted = user.has(0) ? .all : []
    }

    /// Whether the permission bits of a file let this user do what `mode` asks for (R_OK, W_OK, X_OK).
    func mayAccess(permissions: UInt32, uid: UInt32, gid: UInt32, mode: UInt32) -> Bool {
        let bits: UInt32
        if user.filesystem == uid {
            bits = permissions >> 6
        } else if isMember(of: gid) {
            bits = permissions >> 3
        } else {
            bits = permissions
        }
        return mode & ~bits & 7 == 0
    }
}
