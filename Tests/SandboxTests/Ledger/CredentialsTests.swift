import Testing

@testable import Sandbox

/// The rules of credentials(7), as the ledger keeps them for processes that the kernel has no ids for.
struct CredentialsTests {
    private static let root = Credentials(.root)
    private static let app = Credentials(StepUser(uid: 1000, gid: 50, groups: [50, 27]))

    @Test("root that gives up its ids cannot take them back, as apt checks")
    func drop() {
        var user = Self.root.user
        let drops = user.set(real: 42, effective: 42, saved: 42, privileged: true)
        #expect(drops)
        let comesBack = user.set(0, privileged: user.effective == 0)
        #expect(!comesBack)
        let takesEffective = user.set(real: .max, effective: 0, privileged: false)
        #expect(!takesEffective)
        let takesSaved = user.set(real: .max, effective: 0, saved: .max, privileged: false)
        #expect(!takesSaved)
        #expect(user == Credentials.IDs(42))
    }

    @Test("capabilities that are kept let another user change its group, as setpriv does; a program ends it")
    func keep() {
        var caller = Self.root
        caller.changeUser(Credentials.IDs(42))
        caller.setCapabilities(effective: .all, permitted: .all)
        #expect(!caller.may(.setgid))
        caller = Self.root
        caller.keepsCapabilities = true
        caller.changeUser(Credentials.IDs(42))
        #expect(!caller.may(.setgid))
        caller.setCapabilities(effective: [.setgid], permitted: [.setgid, .setuid])
        #expect(caller.may(.setgid))
        #expect(!caller.may(.setuid))
        caller.setCapabilities(effective: .all, permitted: .all)
        #expect(!caller.may(.chown))
        caller.execute(permissions: 0o755, uid: 0, gid: 0)
        #expect(!caller.may(.setgid))
        #expect(caller.permitted.isEmpty)
    }

    @Test("an effective id can be left and taken again through the saved one")
    func comeBack() {
        var user = Self.root.user
        let leaves = user.set(real: .max, effective: 1000, saved: .max, privileged: true)
        #expect(leaves)
        #expect((user.real, user.effective, user.saved) == (0, 1000, 0))
        let returns = user.set(0, privileged: false)
        #expect(returns)
        #expect((user.effective, user.filesystem) == (0, 0))
        let leavesAgain = user.set(real: .max, effective: 1000, privileged: true)
        #expect(leavesAgain)
        #expect(user.saved == 1000)
    }

    @Test("setreuid exchanges real and effective id; the saved one follows the effective")
    func exchange() {
        var user = Credentials.IDs(1000)
        user.effective = 7
        let exchanges = user.set(real: 7, effective: 1000, privileged: false)
        #expect(exchanges)
        #expect((user.real, user.effective, user.saved) == (7, 1000, 1000))
        let invents = user.set(real: 8, effective: .max, privileged: false)
        #expect(!invents)
    }

    @Test("setfsuid gives the old id and takes only one of its own")
    func filesystem() {
        var user = Credentials.IDs(1000)
        let before = user.set(filesystem: 5, privileged: false)
        #expect(before == 1000)
        #expect(user.filesystem == 1000)
        let refused = user.set(filesystem: 5, privileged: true)
        #expect(refused == 1000)
        let changed = user.set(filesystem: .max, privileged: true)
        #expect(changed == 5)
        #expect(user.filesystem == 5)
    }

    @Test("a set-user-ID program runs as its owner, and a set-group-ID one as its group")
    func execute() {
        var caller = Self.app
        caller.execute(permissions: 0o4755, uid: 0, gid: 0)
        #expect(caller.may(.setuid))
        #expect((caller.user.real, caller.user.saved, caller.group.effective) == (1000, 0, 50))
        caller = Self.app
        // Without the group's right to execute the bit means a lock.
        caller.execute(permissions: 0o2745, uid: 0, gid: 8)
        #expect(caller == Self.app)
        caller.execute(permissions: 0o2755, uid: 0, gid: 8)
        #expect((caller.user.effective, caller.group.effective, caller.group.real) == (1000, 8, 50))
    }

    @Test(
        "permission bits count for the first class that fits",
        arguments: [
            (0o600, 1000, 0, 4, true), (0o077, 1000, 0, 4, false), (0o640, 0, 27, 4, true), (0o640, 0, 27, 2, false),
            (0o604, 0, 27, 4, false), (0o604, 0, 0, 4, true), (0o755, 0, 0, 3, false),
        ] as [(UInt32, UInt32, UInt32, UInt32, Bool)]
    )
    func access(permissions: UInt32, uid: UInt32, gid: UInt32, mode: UInt32, expected: Bool) {
        #expect(Self.app.mayAccess(permissions: permissions, uid: uid, gid: gid, mode: mode) == expected)
    }

    @Test("ids of sixteen bits keep `unchanged`")
    func narrow() {
        #expect(LedgerSupervisor.id(0xffff, true) == .max)
        #expect(LedgerSupervisor.id(0x0001_0002, true) == 2)
        #expect(LedgerSupervisor.id(0xffff, false) == 0xffff)
    }
}

struct AccessListTests {
    private static func list(_ entries: (tag: UInt8, bits: UInt8)...) -> [UInt8] {
        [2, 0, 0, 0] + entries.flatMap { [$0.tag, 0, $0.bits, 0, 255, 255, 255, 255] }
    }

    @Test("an access list gives the mode that its file would show")
    func permissions() {
        let plain = Self.list((0x01, 7), (0x04, 5), (0x20, 0))
        #expect(AccessList.permissions(plain, of: 0o2644) == 0o2750)
        let masked = Self.list((0x01, 6), (0x08, 7), (0x04, 4), (0x10, 7), (0x20, 4))
        #expect(AccessList.permissions(masked, of: 0o600) == 0o674)
    }

    @Test("what is no access list is none", arguments: [[], [2, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 1]] as [[UInt8]])
    func refused(list: [UInt8]) {
        #expect(AccessList.permissions(list, of: 0o600) == nil)
    }
}
