import Glibc
import LinuxSystem
import Testing

@testable import Sandbox

@Suite final class UserDatabaseTests {
    private let path: Path

    init() throws {
        var template = Array("/tmp/swbuild-users-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("create temporary directory", code: errno) }
        path = Path(bytes: template.dropLast().map { UInt8(bitPattern: $0) })
        let root = try Directory.open(path)
        try root.makeDirectory("etc", mode: 0o755)
        try write(
            "passwd",
            """
            # a comment

            root:x:0:0:root:/root:/bin/sh
            web:x:1000:1001:Web:/home/web:/bin/sh
            web:x:2000:2000:again:/other:/bin/sh
            homeless:x:1002:1002:::/bin/sh
            broken:x:abc:0::/:
            short:x
            """
        )
        try write("group", "root:x:0:root\nweb:x:1001:\nextra:x:7:homeless,web\nmore:x:8:web\n+nis\n")
    }

    deinit {
        try? Directory.open("/tmp").removeTree(path.lastComponent ?? "")
    }

    private func write(_ name: String, _ text: String) throws {
        let etc = try Directory.open(path.appending("etc"))
        try etc.openFile(Path(name), [.writeOnly, .create, .truncate], mode: 0o644).writeAll(Array(text.utf8))
    }

    @Test(arguments: [
        ("", StepUser(uid: 0, gid: 0, home: "/root")),
        ("root", StepUser(uid: 0, gid: 0, home: "/root")),
        ("web", StepUser(uid: 1000, gid: 1001, groups: [1001, 7, 8], home: "/home/web")),
        ("1000", StepUser(uid: 1000, gid: 1001, groups: [1001, 7, 8], home: "/home/web")),
        ("web:extra", StepUser(uid: 1000, gid: 7, home: "/home/web")),
        ("web:99", StepUser(uid: 1000, gid: 99, home: "/home/web")),
        ("1000:0", StepUser(uid: 1000, gid: 0, home: "/home/web")),
        ("4242", StepUser(uid: 4242, gid: 0, home: "/")),
        ("4242:4343", StepUser(uid: 4242, gid: 4343, home: "/")),
        ("4242:web", StepUser(uid: 4242, gid: 1001, home: "/")),
        ("homeless", StepUser(uid: 1002, gid: 1002, groups: [1002, 7], home: "/")),
        (":extra", StepUser(uid: 0, gid: 7, home: "/root")),
        ("4294967294:1", StepUser(uid: 4_294_967_294, gid: 1, home: "/")),
    ])
    func findsTheUserOfAStep(specification: String, expected: StepUser) throws {
        #expect(try UserDatabase.user(specification, in: try Directory.open(path)) == expected)
    }

    @Test(arguments: [
        ("nobody", SandboxError.userNotFound("nobody")),
        ("broken", .userNotFound("broken")),
        ("short", .userNotFound("short")),
        ("web:none", .groupNotFound("none")),
        ("4294967295", .idOutOfRange("4294967295")),
        ("4294967296:0", .idOutOfRange("4294967296")),
        ("0:4294967295", .idOutOfRange("4294967295")),
        ("-1", .idOutOfRange("-1")),
        ("99999999999999999999", .idOutOfRange("99999999999999999999")),
    ])
    func refusesWhatIsNoUser(specification: String, expected: SandboxError) throws {
        let root = try Directory.open(path)
        #expect(throws: expected) { try UserDatabase.user(specification, in: root) }
    }

    @Test func namesTheUserThatIsMissing() {
        #expect(
            SandboxError.userNotFound("x").description == "unable to find user x: no matching entries in passwd file"
        )
    }

    @Test(
        arguments: [
            ("web", 1000, 1001), ("web:extra", 1000, 7), ("5", 5, 5), ("5:6", 5, 6), (":9", 0, 9), ("root", 0, 0),
            ("root:web", 0, 1001), ("nobody", 0, 0), ("web:none", 1000, 1001), ("nobody:none", 0, 0), ("a:b:c", 0, 0),
            ("web:root", 1000, 0), ("web:", 1000, 1001), ("", 0, 0),
        ] as [(String, UInt32, UInt32)]
    )
    func findsTheOwnerOfACopy(specification: String, uid: UInt32, gid: UInt32) throws {
        let owner = try UserDatabase.owner(specification, in: try Directory.open(path))
        #expect(owner == (uid, gid))
    }

    @Test func anImageWithoutAccountsHasNumbersOnly() throws {
        let root = try Directory.open(path)
        try root.removeTree("etc")
        #expect(try UserDatabase.user("", in: root) == .root)
        #expect(try UserDatabase.user("7:8", in: root) == StepUser(uid: 7, gid: 8))
        #expect(throws: SandboxError.userNotFound("web")) { try UserDatabase.user("web", in: root) }
        #expect(try UserDatabase.owner("web", in: root) == (0, 0))
    }

    @Test func linksStayInsideTheImage() throws {
        let root = try Directory.open(path)
        try root.remove("etc/passwd")
        try root.symlink(target: "/etc/accounts", at: "etc/passwd")
        try write("accounts", "me:x:5:6::/me:\n")
        #expect(try UserDatabase.user("me", in: root).uid == 5)
        try root.remove("etc/passwd")
        try root.symlink(target: "../../../../../etc/passwd", at: "etc/passwd")
        #expect(throws: SandboxError.accountsUnreadable("/etc/passwd", reason: "too many levels of symbolic links")) {
            try UserDatabase.user("me", in: root)
        }
    }

    @Test func otherThanRegularFilesAreNotRead() throws {
        let root = try Directory.open(path)
        try root.remove("etc/passwd")
        try root.makeNode("etc/passwd", kind: .fifo, mode: 0o644, major: 0, minor: 0)
        #expect(throws: SandboxError.accountsUnreadable("/etc/passwd", reason: "not a regular file")) {
            try UserDatabase.user("me", in: root)
        }
    }

    @Test func hugeFilesAreRefused() throws {
        let root = try Directory.open(path)
        try write("passwd", String(repeating: "x", count: 2 << 20))
        #expect(throws: SandboxError.accountsUnreadable("/etc/passwd", reason: "a line is too long")) {
            try UserDatabase.user("me", in: root)
        }
        try root.openFile("etc/passwd", [.writeOnly]).truncate(to: 1 << 30)
        #expect(throws: SandboxError.accountsUnreadable("/etc/passwd", reason: "larger than 16 MiB")) {
            try UserDatabase.user("me", in: root)
        }
    }
}
