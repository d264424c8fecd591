import CLinux
import Glibc

/// The namespace in which a build is root.
///
/// Entered once, as the first thing of the process: the kernel refuses as soon as there is a second thread.
/// What is possible is found by doing it, never from a version or a sysctl.
package enum UserNamespace {
    /// Who this process became.
    package struct Identity: Sendable, Hashable {
        /// How many ids there are.
        package enum Kind: Sendable, Hashable {
            /// Root with CAP_SYS_ADMIN: no new user namespace, only private mounts.
            case initial
            /// Root of a new user namespace with this many user ids.
            case range(count: Int)
            /// Root of a new user namespace with one id, the user's own.
            case single
            /// Root in a container that refuses namespaces and mounts: real owners, and `chroot`.
            case container
        }

        package let kind: Kind
        /// Whether overlay must keep its marks in `user.overlay.*`: in every user namespace but the first.
        package let userxattr: Bool
        /// Why there is no range of ids, where one might be expected.
        package let note: String?

        package init(kind: Kind, userxattr: Bool, note: String? = nil) {
            self.kind = kind
            self.userxattr = userxattr
            self.note = note
        }
    }

    /// Makes this process root of what it may be root of, with mounts of its own.
    ///
    /// Single threaded, once.
    package static func enter() throws(UserNamespaceError) -> Identity {
        if geteuid() == 0, clinux_unshare(0) == 0, clinux_make_mounts_private() == 0 {
            return presentIdentity
        }
        // Before: afterwards every id reads as 65534. The kernel compares with the effective ids.
        let (uid, gid) = (geteuid(), getegid())
        var plan = MappingPlan.forThisProcess()
        if geteuid() == 0, isContained { return Identity(kind: .container, userxattr: true) }
        if plan.writer == .none {
            try check(.unshare, clinux_unshare(1))
        } else {
            plan = try enterWithMapper(plan)
        }
        if plan.writer == .none { try writeSingleMap(uid, gid) }
        // With one id setgroups(2) is denied, which the kernel demands.
        try check(.becomeRoot, clinux_become_root(plan.writer == .none ? 1 : 0))
        try check(.privateMounts, clinux_make_mounts_private())
        let kind: Identity.Kind = plan.writer == .none ? .single : .range(count: plan.users.count)
        return Identity(kind: kind, userxattr: true, note: plan.note)
    }

    /// Who root of this namespace is, without a new one: in a container there may be few ids.
    private static var presentIdentity: Identity {
        if isInitialNamespace { return Identity(kind: .initial, userxattr: false) }
        let users = IDMap(parsing: UserNamespaceFacts.text("/proc/self/uid_map") ?? "").count
        return Identity(kind: users > 1 ? .range(count: users) : .single, userxattr: true)
    }

    /// PROC_USER_INIT_INO of the kernel: fixed since user namespaces have inodes.
    private static var isInitialNamespace: Bool {
        (try? Directory.readLink(AT_FDCWD, "/proc/self/ns/user", path: "/proc/self/ns/user")) == "user:[4026531837]"
    }

    /// Whether a user namespace is refused to this process, found out by a child.
    private static var isContained: Bool { clinux_try_unshare() == -EPERM }

    private static func check(_ step: UserNamespaceError.Step, _ code: Int32) throws(UserNamespaceError) {
        if code >= 0 { return }
        let cause = UserNamespaceFacts.read().cause(of: -code, at: step)
        throw .refused(step, code: -code, cause: cause)
    }

    private static func writeSingleMap(_ uid: UInt32, _ gid: UInt32) throws(UserNamespaceError) {
        try check(.groupMap, clinux_write_file("/proc/self/setgroups", "deny"))
        try check(.userMap, clinux_write_file("/proc/self/uid_map", "0 \(uid) 1\n"))
        try check(.groupMap, clinux_write_file("/proc/self/gid_map", "0 \(gid) 1\n"))
    }

    /// Forks the mapper, leaves the namespace, lets the mapper write.
    ///
    /// Gives the plan that came true: without a
    /// writer if the first map was refused and nothing is written yet.
    private static func enterWithMapper(_ plan: MappingPlan) throws(UserNamespaceError) -> MappingPlan {
        var process = clinux_mapper_process()
        try check(.unshare, plan.start(&process))
        var text = [CChar](repeating: 0, count: 4096)
        let left = clinux_unshare(1)
        let result = clinux_mapper_finish(&process, left == 0 ? 1 : 0, &text, text.count)
        try check(.unshare, left)
        let output = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: "\n").joined(separator: "; ")
        switch result {
        case Int32(CLINUX_MAPPED): return plan
        case Int32(CLINUX_GROUP_MAP_FAILED): throw .mapperFailed(.groupMap, output: output)
        default: return MappingPlan(note: "no range of ids: \(output.isEmpty ? "the id mapper failed" : output)")
        }
    }
}

/// Which maps the new namespace shall have, and who writes them.
struct MappingPlan: Hashable {
    enum Writer: Hashable {
        /// Nobody but the process itself, for one id.
        case none
        /// A child with the credentials of before.
        case child
        /// The setuid programs, run by a child.
        case programs(user: Path, group: Path)
    }

    var writer = Writer.none
    var users = IDMap([])
    var groups = IDMap([])
    var note: String?

    init(note: String?) {
        self.note = note
    }

    init(_ writer: Writer, users: IDMap, groups: IDMap) {
        self.writer = writer
        self.users = users
        self.groups = groups
    }

    /// What this process may have.
    static func forThisProcess() -> MappingPlan {
        let users = IDMap(parsing: UserNamespaceFacts.text("/proc/self/uid_map") ?? "0 0 4294967295")
        let groups = IDMap(parsing: UserNamespaceFacts.text("/proc/self/gid_map") ?? "0 0 4294967295")
        if geteuid() == 0 {
            // Root may write any map of ids that it has; newuidmap would ask for its entry in /etc/subuid.
            if users.count > 1 { return MappingPlan(.child, users: users.identity, groups: groups.identity) }
            return MappingPlan(note: "no range of ids: this namespace has one")
        }
        let status = UserNamespaceFacts.text("/proc/self/status") ?? ""
        if UserNamespaceFacts.statusField("NoNewPrivs", of: status) == "1" {
            return MappingPlan(note: "no range of ids: `no_new_privs` is set, so `newuidmap` cannot gain privileges")
        }
        guard let user = Process.find("newuidmap"), let group = Process.find("newgidmap") else {
            return MappingPlan(note: "no range of ids: `newuidmap` and `newgidmap` are not installed")
        }
        let uid = getuid()
        let name = SubordinateIDs.name(of: uid, passwd: UserNamespaceFacts.text("/etc/passwd") ?? "")
        let subuid = SubordinateIDs.parse(UserNamespaceFacts.text("/etc/subuid") ?? "", user: name, id: uid)
        let subgid = SubordinateIDs.parse(UserNamespaceFacts.text("/etc/subgid") ?? "", user: name, id: uid)
        let mappedUsers = users.nested(own: uid, subordinate: subuid)
        let mappedGroups = groups.nested(own: getgid(), subordinate: subgid)
        guard mappedUsers.ranges.count > 1, mappedGroups.ranges.count > 1 else {
            return MappingPlan(
                note: "no range of ids: `/etc/subuid` and `/etc/subgid` have none for user `\(name ?? "\(uid)")`"
            )
        }
        return MappingPlan(.programs(user: user, group: group), users: mappedUsers, groups: mappedGroups)
    }

    /// Forks the child that will write the maps; 0 or -errno.
    func start(_ process: inout clinux_mapper_process) -> Int32 {
        var userCommand: [UnsafeMutablePointer<CChar>?] = [nil]
        var groupCommand: [UnsafeMutablePointer<CChar>?] = [nil]
        let pid = getpid()
        if case .programs(let user, let group) = writer {
            userCommand = ([user.string, "\(pid)"] + users.arguments).map { strdup($0) } + [nil]
            groupCommand = ([group.string, "\(pid)"] + groups.arguments).map { strdup($0) } + [nil]
        }
        defer {
            for pointer in userCommand + groupCommand { free(pointer) }
        }
        return users.description.withCString { userMap in
            groups.description.withCString { groupMap in
                userCommand.withUnsafeMutableBufferPointer { userCommand in
                    groupCommand.withUnsafeMutableBufferPointer { groupCommand in
                        let programs = writer != .child
                        var mapper = clinux_mapper(
                            user_command: programs ? userCommand.baseAddress : nil,
                            group_command: programs ? groupCommand.baseAddress : nil,
                            user_map: userMap,
                            group_map: groupMap,
                            target: pid
                        )
                        return clinux_mapper_start(&mapper, &process)
                    }
                }
            }
        }
    }
}
