import Glibc

/// Why this process could not become root of a user namespace.
package enum UserNamespaceError: Error, Hashable, CustomStringConvertible {
    /// What was tried when it was refused.
    package enum Step: String, Hashable, Sendable {
        case unshare = "create a user namespace"
        case userMap = "write the user id map"
        case groupMap = "write the group id map"
        case becomeRoot = "become root of the user namespace"
        case privateMounts = "make mounts private in the user namespace"
        case mountMemory = "mount a filesystem in memory"
        case mountProc = "mount `/proc`"
        case changeOwner = "give a file of the cache directory to another user"
        case changeRoot = "change the root directory"
        case becomeUser = "become another user"
        case probe = "try it in a child process"
    }

    /// Refused, by something that is known or not.
    case refused(Step, code: Int32, cause: Cause)
    /// `newuidmap` or `newgidmap` failed, with what it said.
    case mapperFailed(Step, output: String)
    /// There is no range of ids to map.
    case noRange(RangeObstacle)
    /// A private root directory without namespaces needs root.
    case notRoot
    /// What was asked for by name is not possible.
    indirect case forced(IsolationMode, cause: UserNamespaceError)

    /// What refused.
    package enum Cause: Hashable, Sendable {
        /// `user.max_user_namespaces` is 0, or all of them are taken.
        case limit(Int?)
        /// `kernel.unprivileged_userns_clone` is 0 (Debian's and Arch's kernels).
        case cloneSysctl
        /// `kernel.apparmor_restrict_unprivileged_userns` is 1 (Ubuntu 23.10 and later).
        case appArmor
        /// A seccomp profile, as container engines install it.
        case seccomp
        /// There is more than one thread.
        case threads
        /// The kernel is built without user namespaces.
        case unsupported
        /// Nesting is too deep.
        case depth
        /// An AppArmor profile around this process, such as `docker-default`, by name.
        case appArmorProfile(String)
        /// Parts of `/proc` are covered, so that the kernel shows no new one.
        case maskedProc
        /// A capability is missing.
        case capability(String)
        case unknown
    }

    package var description: String { reason + (remedy.map { "\nhint: \($0)" } ?? "") }

    /// What was refused and by what, without the remedy.
    package var reason: String {
        switch self {
        case .refused(let step, let code, let cause):
            "cannot \(step.rawValue): \(Self.reason(cause) ?? SystemError.reason(code))"
        case .mapperFailed(let step, let output):
            "cannot \(step.rawValue): `\(step == .groupMap ? "newgidmap" : "newuidmap")` failed: \(output)"
        case .noRange(let obstacle): obstacle.description
        case .notRoot: "a private root directory without namespaces needs root"
        case .forced(let mode, let cause): "`--isolation=\(mode.rawValue)` is not possible here: \(cause.reason)"
        }
    }

    /// Whether Ubuntu's restriction of user namespaces by AppArmor refused.
    package var isOfAppArmor: Bool {
        switch self {
        case .refused(_, _, let cause): cause == .appArmor
        case .forced(_, let cause): cause.isOfAppArmor
        case .mapperFailed, .noRange, .notRoot: false
        }
    }

    /// What may be done about it; nil where nothing is known to help.
    package var remedy: String? {
        switch self {
        case .refused(_, _, let cause): Self.hint(cause)
        case .mapperFailed(let step, _):
            "check that `\(step == .groupMap ? "newgidmap" : "newuidmap")` is setuid root "
                + "and that `/etc/subuid` and `/etc/subgid` list this user"
        case .noRange(let obstacle): obstacle.remedy
        case .notRoot: nil
        case .forced(_, let cause): cause.remedy
        }
    }

    private static func reason(_ cause: Cause) -> String? {
        switch cause {
        case .limit(let limit):
            limit == 0
                ? "`user.max_user_namespaces` is 0"
                : "the limit `user.max_user_namespaces`\(limit.map { " (\($0))" } ?? "") is reached"
        case .cloneSysctl: "`kernel.unprivileged_userns_clone` is 0"
        case .appArmor: "AppArmor refuses (`kernel.apparmor_restrict_unprivileged_userns` is 1)"
        case .seccomp: "the seccomp profile of this container refuses"
        case .threads: "this process has several threads already"
        case .unsupported: "the kernel is built without user namespaces"
        case .depth: "user namespaces are nested too deeply"
        case .appArmorProfile(let name): "the AppArmor profile `\(name)` of this container refuses"
        case .maskedProc: "parts of this container's `/proc` are masked, so the kernel shows no new one"
        case .capability(let name): "the capability `\(name)` is missing"
        case .unknown: nil
        }
    }

    private static func hint(_ cause: Cause) -> String? {
        switch cause {
        case .limit: "as root: `sysctl -w user.max_user_namespaces=15000`"
        case .cloneSysctl: "as root: `sysctl -w kernel.unprivileged_userns_clone=1`"
        case .appArmor:
            "as root: install the AppArmor profile for this program that `swbuild doctor` shows, "
                + "or `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`"
        case .seccomp:
            "`docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
                + "--security-opt systempaths=unconfined`; Kubernetes: `hostUsers: false`, "
                + "or `seccompProfile: {type: Unconfined}` with `procMount: Unmasked`"
        case .appArmorProfile:
            "`docker run --security-opt apparmor=unconfined`; Kubernetes: `appArmorProfile: {type: Unconfined}`"
        case .maskedProc:
            "`docker run --security-opt systempaths=unconfined`; Kubernetes: `procMount: Unmasked`"
        case .capability(let name): "`docker run --cap-add \(name)`; Kubernetes: `capabilities: {add: [\(name)]}`"
        case .threads, .unsupported, .depth, .unknown: nil
        }
    }
}

/// What the kernel's files say about user namespaces, to word a refusal.
///
/// Nothing is decided from them.
struct UserNamespaceFacts: Hashable {
    var maximum: Int?
    var unprivilegedClone: Int?
    var appArmorRestriction: Int?
    /// 2: a filter is installed.
    var seccompMode: Int?
    /// The AppArmor profile that confines this process; nil where none does.
    var appArmorProfile: String?
    /// Whether something is mounted below `/proc`.
    var masksProc = false

    /// The most likely cause of an errno at a step.
    func cause(of code: Int32, at step: UserNamespaceError.Step) -> UserNamespaceError.Cause {
        switch code {
        case ENOSPC: return .limit(maximum)
        case EUSERS: return .depth
        case ENOSYS: return .unsupported
        case EINVAL where step == .unshare: return maximum == nil ? .unsupported : .threads
        case EPERM, EACCES: return permissionCause(code, step)
        default: return .unknown
        }
    }

    private func permissionCause(
        _ code: Int32,
        _ step: UserNamespaceError.Step
    ) -> UserNamespaceError.Cause {
        switch step {
        case .changeRoot: return .capability("SYS_CHROOT")
        case .becomeUser: return .capability("SETUID")
        case .changeOwner: return .capability("CHOWN")
        case .mountProc where code == EPERM && masksProc: return .maskedProc
        case .privateMounts, .mountMemory, .mountProc:
            if let appArmorProfile { return .appArmorProfile(appArmorProfile) }
            fallthrough
        default:
            if unprivilegedClone == 0 { return .cloneSysctl }
            // Ubuntu lets unshare(2) pass and then takes the capabilities away: the later steps fail.
            if appArmorRestriction == 1 { return .appArmor }
            if seccompMode == 2 && step == .unshare { return .seccomp }
            return .unknown
        }
    }

    /// Reads the files of this machine; what cannot be read is `nil`.
    static func read() -> UserNamespaceFacts {
        UserNamespaceFacts(
            maximum: number("/proc/sys/user/max_user_namespaces"),
            unprivilegedClone: number("/proc/sys/kernel/unprivileged_userns_clone"),
            appArmorRestriction: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            seccompMode: statusField("Seccomp", of: text("/proc/self/status") ?? "").flatMap { Int($0) },
            appArmorProfile: confinement(text("/proc/self/attr/current") ?? ""),
            masksProc: hasMountsBelowProc(text("/proc/self/mountinfo") ?? "")
        )
    }

    /// The profile in the text of `attr/current`: `docker-default (enforce)`.
    static func confinement(_ text: String) -> String? {
        let words = text.split(whereSeparator: { $0.isWhitespace || $0 == "\0" })
        guard let name = words.first, name != "unconfined", words.last == "(enforce)" else { return nil }
        return String(name)
    }

    /// Whether a text of `mountinfo` has a mount point below `/proc`.
    static func hasMountsBelowProc(_ text: String) -> Bool {
        text.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 4 && fields[4].hasPrefix("/proc/")
        }
    }

    /// The value of a `Name:\tvalue` line.
    static func statusField(_ name: String, of text: String) -> String? {
        let beginning = Array("\(name):".utf8)
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: beginning) {
            return line.dropFirst(beginning.count)
                .split(whereSeparator: { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }).first
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return nil
    }

    static func text(_ path: Path) -> String? {
        guard let file = try? FileDescriptor.open(path), let bytes = try? file.readAll(limit: 4 << 20) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func number(_ path: Path) -> Int? {
        text(path)?.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}
