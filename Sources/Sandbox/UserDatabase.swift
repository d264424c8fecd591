import LinuxSystem

/// Users and groups of an image, from its own files: never from the builder's, and without running its programs.
package enum UserDatabase {
    /// The user that `USER` names, `user`, `uid`, `user:group` or empty for root (spec/01 §1.11).
    ///
    /// The first matching line wins. Supplementary groups are those of the group file, if no group is named.
    package static func user(_ specification: String, in root: borrowing Directory) throws(SandboxError) -> StepUser {
        let parts = specification.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        let group = parts.count > 1 ? parts[1] : ""
        let number = try identifier(name)
        if let uid = specification.isEmpty ? 0 : number, specification.isEmpty || !group.isEmpty,
            let gid = specification.isEmpty ? 0 : try identifier(group)
        {
            let home = try passwd(in: root) { $0.uid == uid }?.home
            return StepUser(uid: uid, gid: gid, home: home ?? "/")
        }
        let entry = try passwd(in: root) { entry in
            if name.isEmpty { return entry.uid == 0 }
            return number.map { $0 == entry.uid } ?? (entry.name == name)
        }
        if entry == nil, number == nil, !name.isEmpty { throw .userNotFound(name) }
        var user = StepUser(uid: entry?.uid ?? number ?? 0, gid: entry?.gid ?? 0, home: entry?.home ?? "/")
        if !group.isEmpty {
            user.gid = try groupNumber(group, in: root)
            user.groups = [user.gid]
        } else if let entry {
            let supplementary = try groups(of: entry.name, in: root).filter { $0 != user.gid }
            user.groups = [user.gid] + supplementary
        }
        return user
    }

    /// Whom `COPY --chown` names, `user`, `user:group` or `:group` (spec/01 §1.10).
    ///
    /// A number is itself, and as a user its own group; an unknown name is 0 as a user, and as a group the user's.
    package static func owner(
        _ specification: String,
        in root: borrowing Directory
    ) throws(SandboxError) -> (uid: UInt32, gid: UInt32) {
        let parts = specification.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 2 { return (0, 0) }
        return try owner(user: parts[0], group: parts.count > 1 ? parts[1] : nil, in: root)
    }

    /// The same, of parts.
    package static func owner(
        user: String,
        group: String?,
        in root: borrowing Directory
    ) throws(SandboxError) -> (uid: UInt32, gid: UInt32) {
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        if let number = try identifier(user) {
            (uid, gid) = (number, number)
        } else if !user.isEmpty, user != "root", let entry = try passwd(in: root, where: { $0.name == user }) {
            (uid, gid) = (entry.uid, entry.gid)
        }
        if let group, !group.isEmpty {
            if let number = try identifier(group) {
                gid = number
            } else if group == "root" {
                gid = 0
            } else if let found = try self.group(in: root, where: { $0.name == group }) {
                gid = found.gid
            }
        }
        return (uid, gid)
    }

    private struct User {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String

        /// From `name:password:uid:gid:comment:home:shell`.
        init?(_ fields: [String]) {
            guard fields.count >= 4, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
            name = fields[0]
            self.uid = uid
            self.gid = gid
            home = fields.count > 5 && !fields[5].isEmpty ? fields[5] : "/"
        }
    }

    private struct Group {
        var name: String
        var gid: UInt32
        var members: String

        /// From `name:password:gid:member,member`.
        init?(_ fields: [String]) {
            guard fields.count >= 3, let gid = UInt32(fields[2]) else { return nil }
            name = fields[0]
            self.gid = gid
            members = fields.count > 3 ? fields[3] : ""
        }
    }

    private static func passwd(
        in root: borrowing Directory,
        where matches: (User) -> Bool
    ) throws(SandboxError) -> User? {
        guard let file = try AccountFile.open(AccountFile.users, in: root) else { return nil }
        var found: User?
        try file.forEachRecord { fields in
            found = User(fields).flatMap { matches($0) ? $0 : nil }
            return found == nil
        }
        return found
    }

    private static func group(
        in root: borrowing Directory,
        where matches: (Group) -> Bool
    ) throws(SandboxError) -> Group? {
        guard let file = try AccountFile.open(AccountFile.groups, in: root) else { return nil }
        var found: Group?
        try file.forEachRecord { fields in
            found = Group(fields).flatMap { matches($0) ? $0 : nil }
            return found == nil
        }
        return found
    }

    private static func groups(of name: String, in root: borrowing Directory) throws(SandboxError) -> [UInt32] {
        guard let file = try AccountFile.open(AccountFile.groups, in: root) else { return [] }
        var found: [UInt32] = []
        try file.forEachRecord { fields in
            if let group = Group(fields), group.members.split(separator: ",").contains(name[...]),
                !found.contains(group.gid), found.count < groupLimit
            {
                found.append(group.gid)
            }
            return true
        }
        return found
    }

    /// NGROUPS_MAX, with the primary one.
    private static let groupLimit = 65535

    private static func groupNumber(_ name: String, in root: borrowing Directory) throws(SandboxError) -> UInt32 {
        let number = try identifier(name)
        let found = try group(in: root) { group in number.map { $0 == group.gid } ?? (group.name == name) }
        if let gid = found?.gid ?? number { return gid }
        throw .groupNotFound(name)
    }

    /// The number that a text is, `nil` for a name.
    ///
    /// 4294967295 is "no change" to the kernel, so a step would stay root; larger ones would wrap (CVE-2024-40635).
    private static func identifier(_ text: String) throws(SandboxError) -> UInt32? {
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        guard let number = UInt32(text), number < .max else { throw .idOutOfRange(text) }
        return number
    }
}
