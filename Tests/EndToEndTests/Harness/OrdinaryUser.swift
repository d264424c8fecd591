import Glibc
import Testing

/// An account without privileges, made for this test run and removed after it.
struct OrdinaryUser: Sendable, CustomStringConvertible {
    let name: String
    let uid: uid_t
    let gid: gid_t
    let home: String

    var description: String { name }

    /// Has 65,536 subordinate ids in `/etc/subuid` and `/etc/subgid`.
    static let withRange = Result { try make("range", ["-K", "SUB_UID_COUNT=65536", "-K", "SUB_GID_COUNT=65536"]) }

    /// Has one id and no other.
    static let withOneID = Result { try make("single", ["-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0"]) }

    private static func make(_ kind: String, _ options: [String]) throws -> OrdinaryUser {
        let name = "swb-\(kind)-\(getpid())"
        let home = try Scratch.shared.directory("home-\(kind)")
        try Command.check("useradd", options + ["--home-dir", home, "--shell", "/bin/sh", "--user-group", name])
        Janitor.afterTheTests(
            "pkill -KILL -u \"$1\"; userdel -f \"$1\"; sed -i \"/^$1:/d\" /etc/subuid /etc/subgid",
            [name]
        )
        let ids = try Command.check("id", ["-u", name]) + Command.check("id", ["-g", name])
        let numbers = ids.split(separator: "\n").compactMap { UInt32($0) }
        try #require(numbers.count == 2)
        try Command.check("chown", ["\(name):", home])
        return OrdinaryUser(name: name, uid: numbers[0], gid: numbers[1], home: home)
    }
}

/// Who runs swbuild in a test that must hold for everybody.
enum Account: String, CaseIterable, CustomTestStringConvertible, Sendable {
    /// Whoever runs the tests: root in CI.
    case caller
    /// An ordinary user with a range of ids.
    case range
    /// An ordinary user with one id.
    case single
    /// Root without namespaces: who asks for a rung that has less than the others.
    case confined

    /// The accounts that this test run can be: all that have namespaces as root, the caller alone otherwise.
    static var available: [Account] { Machine.isRoot ? [.caller, .range, .single] : [.caller] }

    /// The same and root without namespaces.
    static var everywhere: [Account] { Machine.isRoot ? allCases : [.caller] }

    /// Those that are not root.
    static let ordinary: [Account] = [.range, .single]

    var testDescription: String {
        switch self {
        case .caller: Machine.isRoot ? "root" : "the caller"
        case .range: "an ordinary user with a range of ids"
        case .single: "an ordinary user with one id"
        case .confined: "root without namespaces"
        }
    }

    /// Where this account builds.
    var place: Place {
        switch self {
        case .caller: .caller
        case .range: .range
        case .single: .single
        case .confined: .confined
        }
    }
}
