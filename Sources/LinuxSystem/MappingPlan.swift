import CLinux
import Glibc

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

    /// The ids that images count on: up to 65534, `nobody`.
    static let neededIDs = 65_535

    var writer = Writer.none
    var users = IDMap([])
    var groups = IDMap([])
    /// Why there is no range.
    var obstacle: RangeObstacle?

    init(_ obstacle: RangeObstacle? = nil) {
        self.obstacle = obstacle
    }

    init(_ writer: Writer, users: IDMap, groups: IDMap) {
        let count = min(users.count, groups.count)
        // With fewer, some owners of nearly every image could not be set: one id with a record of owners is truer.
        guard count >= Self.neededIDs else {
            obstacle = .fewIDs(count)
            return
        }
        self.writer = writer
        self.users = users
        self.groups = groups
    }

    /// What this process may have.
    static func forThisProcess() -> MappingPlan {
        let users = IDMap(parsing: UserNamespaceFacts.text("/proc/self/uid_map") ?? "0 0 4294967295")
        let groups = IDMap(parsing: UserNamespaceFacts.text("/proc/self/gid_map") ?? "0 0 4294967295")
        // Root may write any map of ids that it has; newuidmap would ask for its entry in /etc/subuid.
        if geteuid() == 0 { return MappingPlan(.child, users: users.identity, groups: groups.identity) }
        let status = UserNamespaceFacts.text("/proc/self/status") ?? ""
        if UserNamespaceFacts.statusField("NoNewPrivs", of: status) == "1" { return MappingPlan(.noNewPrivileges) }
        guard let user = Process.find("newuidmap"), let group = Process.find("newgidmap") else {
            return MappingPlan(.missingPrograms)
        }
        let uid = getuid()
        let name = SubordinateIDs.name(of: uid, passwd: UserNamespaceFacts.text("/etc/passwd") ?? "")
        let subuid = SubordinateIDs.parse(UserNamespaceFacts.text("/etc/subuid") ?? "", user: name, id: uid)
        let subgid = SubordinateIDs.parse(UserNamespaceFacts.text("/etc/subgid") ?? "", user: name, id: uid)
        let mappedUsers = users.nested(own: uid, subordinate: subuid)
        let mappedGroups = groups.nested(own: getgid(), subordinate: subgid)
        guard mappedUsers.ranges.count > 1, mappedGroups.ranges.count > 1 else {
            return MappingPlan(.noSubordinateIDs(user: name ?? "\(uid)"))
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
