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
            /// Root in a container that refuses namespaces and mounts: real owners, chroot(2), nothing mounted.
            case container
            /// Nobody: no namespace, no mounts, no chroot(2); steps cannot run.
            case none
        }

        package let kind: Kind
        /// Whether overlay must keep its marks in `user.overlay.*`: everywhere but as the machine's root.
        package let userxattr: Bool
        /// Why there is no range of ids, where one might be expected.
        package let note: String?
        /// Why the better rungs were not taken, best first.
        ///
        /// Complete where `kind` is `.none`; otherwise only where they were tried by this process.
        package let refusals: [Refusal]

        /// What must be recorded, because the kernel does not have it here; nil where everything is real.
        package var ledgerScope: LedgerScope? {
            switch kind {
            case .initial: nil
            // In a container a device could be opened that somebody else's image brings.
            case .range, .container: .devices
            case .single, .none: .owners
            }
        }

        package init(kind: Kind, userxattr: Bool, note: String? = nil, refusals: [Refusal] = []) {
            self.kind = kind
            self.userxattr = userxattr
            self.note = note
            self.refusals = refusals
        }

        /// The rung that the identity stands on.
        package var rung: IsolationRung {
            switch kind {
            case .initial, .range: .range
            case .single: .single
            case .container: .container
            case .none: .none
            }
        }
    }

    /// A rung, and why it cannot be taken.
    package struct Refusal: Error, Hashable, Sendable {
        package let rung: IsolationRung
        package let error: UserNamespaceError

        package init(_ rung: IsolationRung, _ error: UserNamespaceError) {
            self.rung = rung
            self.error = error
        }
    }

    /// Mounts of its own for a process that is root with CAP_SYS_ADMIN already; nil where it is not.
    static func enterAsPresentRoot() -> Identity? {
        guard geteuid() == 0, clinux_unshare(0) == 0, clinux_make_mounts_private() == 0 else { return nil }
        if isInitialNamespace { return Identity(kind: .initial, userxattr: false) }
        // In a container there may be few ids.
        let users = IDMap(parsing: UserNamespaceFacts.text("/proc/self/uid_map") ?? "").count
        return Identity(kind: users > 1 ? .range(count: users) : .single, userxattr: true)
    }

    /// PROC_USER_INIT_INO of the kernel: fixed since user namespaces have inodes.
    private static var isInitialNamespace: Bool {
        (try? Directory.readLink(AT_FDCWD, "/proc/self/ns/user", path: "/proc/self/ns/user")) == "user:[4026531837]"
    }

    /// Makes this process root of a new user namespace with the ids of `plan`, and with mounts of its own.
    ///
    /// An error leaves the process in between: it can only end.
    static func enterRange(_ plan: MappingPlan) throws(UserNamespaceError) -> Identity {
        if let obstacle = plan.obstacle { throw .noRange(obstacle) }
        try map(plan)
        try becomeRoot(keepingGroups: false)
        return Identity(kind: .range(count: plan.users.count), userxattr: true)
    }

    /// Makes this process root of a new user namespace with one id, and with mounts of its own.
    ///
    /// An error leaves the process in between: it can only end.
    static func enterSingle(note: String?) throws(UserNamespaceError) -> Identity {
        // Before: afterwards every id reads as 65534. The kernel compares with the effective ids.
        let (uid, gid) = (geteuid(), getegid())
        try check(.unshare, clinux_unshare(1))
        try check(.groupMap, clinux_write_file("/proc/self/setgroups", "deny"))
        try check(.userMap, clinux_write_file("/proc/self/uid_map", "0 \(uid) 1\n"))
        try check(.groupMap, clinux_write_file("/proc/self/gid_map", "0 \(gid) 1\n"))
        // With one id setgroups(2) is denied, which the kernel demands.
        try becomeRoot(keepingGroups: true)
        return Identity(kind: .single, userxattr: true, note: note)
    }

    private static func becomeRoot(keepingGroups: Bool) throws(UserNamespaceError) {
        try check(.becomeRoot, clinux_become_root(keepingGroups ? 1 : 0))
        try check(.privateMounts, clinux_make_mounts_private())
    }

    /// Throws the refusal of a step, with what probably refused, where `code` is -errno.
    static func check(_ step: UserNamespaceError.Step, _ code: Int32) throws(UserNamespaceError) {
        if code >= 0 { return }
        throw refusal(step, -code)
    }

    /// The refusal of a step with what probably refused.
    static func refusal(_ step: UserNamespaceError.Step, _ code: Int32) -> UserNamespaceError {
        .refused(step, code: code, cause: UserNamespaceFacts.read().cause(of: code, at: step))
    }

    /// Forks the mapper, leaves the namespace, lets the mapper write.
    private static func map(_ plan: MappingPlan) throws(UserNamespaceError) {
        var process = clinux_mapper_process()
        try check(.unshare, plan.start(&process))
        var text = [CChar](repeating: 0, count: 4096)
        let left = clinux_unshare(1)
        let result = clinux_mapper_finish(&process, left == 0 ? 1 : 0, &text, text.count)
        try check(.unshare, left)
        let output = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: "\n").joined(separator: "; ")
        switch result {
        case Int32(CLINUX_MAPPED): return
        case Int32(CLINUX_GROUP_MAP_FAILED): throw .mapperFailed(.groupMap, output: output)
        default: throw .mapperFailed(.userMap, output: output.isEmpty ? "it said nothing" : output)
        }
    }
}
