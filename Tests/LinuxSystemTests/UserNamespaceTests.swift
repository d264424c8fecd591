import Glibc
import Testing

@testable import LinuxSystem

struct UserNamespaceTests {
    private let everything = IDMap([.init(inside: 0, outside: 0, count: UInt32.max)])

    @Test func mapFilesAreRead() {
        let text = "         0       1000          1\n         1     100000      65536\nbroken\n"
        let map = IDMap(parsing: text)
        #expect(map.description == "0 1000 1\n1 100000 65536\n")
        #expect(map.count == 65_537)
        #expect(map.identity.description == "0 0 1\n1 1 65536\n")
    }

    @Test(arguments: [
        ("ann:100000:65536\n", [UInt32(100_000)...165_535]),
        ("1000:5:5\nann:20:5\nbob:1:1\n", [5...9, 20...24]),
        ("ann:100:10\nann:105:10\n", [100...109]),
        ("ann:990:20\n", []),
        ("ann:x:1\nann:1\nann:1:0\nann:4294967295:1\nann:4294967290:100\n:1:1\n", []),
    ])
    func subordinateRangesAreThoseOfTheUser(_ text: String, _ ranges: [ClosedRange<UInt32>]) {
        #expect(SubordinateIDs.parse(text, user: "ann", id: 1000) == ranges)
    }

    @Test func namesComeFromThePasswdFile() {
        let text = "root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n"
        #expect(SubordinateIDs.name(of: 1000, passwd: text) == "ann")
        #expect(SubordinateIDs.name(of: 7, passwd: text) == nil)
    }

    @Test func nestedMapsAreCutToTheIdsThatExist() {
        #expect(
            everything.nested(own: 1000, subordinate: [100_000...165_535]).description == "0 1000 1\n1 100000 65536\n"
        )
        let container = IDMap([
            .init(inside: 0, outside: 1000, count: 1), .init(inside: 1, outside: 100_000, count: 65_535),
        ])
        #expect(
            container.nested(own: 1000, subordinate: [1_001...70_000]).description == "0 1000 1\n1 1001 64535\n"
        )
        #expect(container.nested(own: 1000, subordinate: [100_000...165_535]).ranges.count == 1)
        #expect(
            everything.nested(own: 7, subordinate: [10...11, 20...20]).description == "0 7 1\n1 10 2\n3 20 1\n"
        )
    }

    @Test(arguments: [
        (ENOSPC, UserNamespaceError.Step.unshare, UserNamespaceFacts(maximum: 0), UserNamespaceError.Cause.limit(0)),
        (EPERM, .unshare, UserNamespaceFacts(maximum: 9, unprivilegedClone: 0), .cloneSysctl),
        (EPERM, .unshare, UserNamespaceFacts(maximum: 9, seccompMode: 2), .seccomp),
        (EPERM, .unshare, UserNamespaceFacts(maximum: 9, appArmorRestriction: 1, seccompMode: 2), .appArmor),
        (EACCES, .privateMounts, UserNamespaceFacts(appArmorRestriction: 1), .appArmor),
        (EPERM, .userMap, UserNamespaceFacts(seccompMode: 2), .unknown),
        (EINVAL, .unshare, UserNamespaceFacts(maximum: 9), .threads),
        (EINVAL, .unshare, UserNamespaceFacts(), .unsupported),
        (EUSERS, .unshare, UserNamespaceFacts(), .depth),
        (EPERM, .mountProc, UserNamespaceFacts(masksProc: true), .maskedProc),
        (EPERM, .mountProc, UserNamespaceFacts(appArmorRestriction: 1), .appArmor),
        (
            EACCES, .privateMounts, UserNamespaceFacts(appArmorProfile: "docker-default"),
            .appArmorProfile("docker-default")
        ),
        (EPERM, .changeRoot, UserNamespaceFacts(seccompMode: 2), .capability("SYS_CHROOT")),
    ])
    func refusalsHaveACause(
        _ code: Int32,
        _ step: UserNamespaceError.Step,
        _ facts: UserNamespaceFacts,
        _ cause: UserNamespaceError.Cause
    ) {
        #expect(facts.cause(of: code, at: step) == cause)
    }

    @Test func messagesNameWhatRefusedAndWhatHelps() {
        #expect(
            "\(UserNamespaceError.refused(.unshare, code: ENOSPC, cause: .limit(0)))"
                == "cannot create a user namespace: `user.max_user_namespaces` is 0\n"
                + "hint: as root: `sysctl -w user.max_user_namespaces=15000`"
        )
        #expect(
            "\(UserNamespaceError.refused(.userMap, code: EPERM, cause: .unknown))"
                == "cannot write the user id map: operation not permitted"
        )
        #expect(
            "\(UserNamespaceError.mapperFailed(.groupMap, output: "gid range not allowed"))".hasPrefix(
                "cannot write the group id map: `newgidmap` failed: gid range not allowed\nhint: "
            )
        )
    }

    @Test func whatWasForcedIsNamedWithTheCauseAndItsRemedy() {
        let error = UserNamespaceError.forced(.userns, cause: .noRange(.missingPrograms))
        #expect(
            "\(error)"
                == "`--isolation=userns` is not possible here: `newuidmap` and `newgidmap` are not installed\n"
                + "hint: as root: `apt-get install uidmap` (elsewhere `shadow-utils` or `shadow`)"
        )
    }

    @Test(arguments: [
        ("docker-default (enforce)\n", "docker-default"), ("unconfined\n", nil), ("x (complain)", nil), ("", nil),
    ])
    func confinementIsReadFromTheLabel(_ text: String, _ profile: String?) {
        #expect(UserNamespaceFacts.confinement(text) == profile)
    }

    @Test func mountsBelowProcAreSeen() {
        let line = "37 36 0:22 / /proc rw,nosuid - proc proc rw\n"
        #expect(!UserNamespaceFacts.hasMountsBelowProc(line))
        #expect(UserNamespaceFacts.hasMountsBelowProc(line + "38 37 0:5 /null /proc/kcore rw - devtmpfs dev rw\n"))
    }

    @Test func aMapWithoutNobodyIsNoRange() {
        let few = IDMap([.init(inside: 0, outside: 0, count: 1000)])
        #expect(MappingPlan(.child, users: few, groups: everything).obstacle == .fewIDs(1000))
        #expect(MappingPlan(.child, users: everything, groups: everything).obstacle == nil)
    }

    @Test func statusFieldsAreFound() {
        let text = "Name:\tswbuild\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"
        #expect(UserNamespaceFacts.statusField("NoNewPrivs", of: text) == "1")
        #expect(UserNamespaceFacts.statusField("Seccomp", of: text) == "2")
        #expect(UserNamespaceFacts.statusField("Missing", of: text) == nil)
    }
}
