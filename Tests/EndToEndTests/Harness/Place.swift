import Testing

/// Where a build of the tests runs: who runs it, what it is refused there, and what its cache lies on.
///
/// All of it is real: other users, namespaces and mounts of the kernel, containers of a Docker engine.
enum Place: String, CaseIterable, CustomTestStringConvertible, Sendable {
    /// Whoever runs the tests: root in CI.
    case caller
    /// An ordinary user with a range of ids.
    case range
    /// An ordinary user with one id.
    case single
    /// An ordinary user with a range, which `no_new_privs` makes useless.
    case noNewPrivileges
    /// Root of a user namespace with 65536 ids, such as a pod with `hostUsers: false`.
    case namespaceRoot
    /// Root of a user namespace with 1000 ids.
    case fewIDs
    /// An ordinary user with a range of ids, in a user namespace in which only a part of that range exists.
    case namespaceUser
    /// Root in a container of a Docker engine with its defaults, of busybox; the cache is in the container.
    case container
    /// The same with the cache on a volume, so that later builds find it.
    case containerVolume
    /// Root that asks for steps without namespaces, with the capabilities of a container.
    case confined
    /// Root with the cache directory on an overlay.
    case cacheOnOverlay
    /// Root with the cache directory in memory.
    case cacheOnMemory
    /// Root with the cache directory on a disk of 64 MiB.
    case smallDisk
    /// An ordinary user in a container of a Docker engine with its defaults: no step can run.
    case containerUser

    /// Those in which a `RUN` step can run.
    static var withSteps: [Place] { allCases.filter { $0 != .containerUser } }

    var testDescription: String {
        switch self {
        case .caller: Machine.isRoot ? "root" : "the caller"
        case .range: "an ordinary user with a range of ids"
        case .single: "an ordinary user with one id"
        case .noNewPrivileges: "an ordinary user with no_new_privs"
        case .namespaceRoot: "root of a user namespace"
        case .fewIDs: "root of a user namespace with few ids"
        case .namespaceUser: "an ordinary user inside a user namespace"
        case .container: "root in a Docker container"
        case .containerVolume: "root in a Docker container with a volume"
        case .confined: "root without namespaces"
        case .cacheOnOverlay: "root with the cache on an overlay"
        case .cacheOnMemory: "root with the cache in memory"
        case .smallDisk: "root with the cache on a small disk"
        case .containerUser: "an ordinary user in a Docker container"
        }
    }

    /// Skips the present test, with the reason, where the place cannot be made on this machine.
    func require() throws {
        guard let obstacle else { return }
        let reason: Comment = "\(testDescription): \(obstacle)"
        // A cancelled case alone is not shown.
        Issue.record(reason, severity: .warning)
        try Test.cancel(reason)
    }

    /// Why the place cannot be made on this machine; nil where it can.
    private var obstacle: String? {
        if self == .caller { return nil }
        guard Machine.isRoot else { return "\(Machine.needsRoot)" }
        guard isContainer else { return nil }
        guard Machine.has("dockerd"), Machine.has("docker") else { return "Debian's docker.io is not installed" }
        do {
            _ = try DockerEngine.shared.get()
            return nil
        } catch {
            return "the Docker engine does not start: \(error)"
        }
    }

    private var isContainer: Bool {
        switch self {
        case .container, .containerVolume, .containerUser: true
        default: false
        }
    }

    /// The user to switch to, and who owns the project; nil for the caller.
    func user() throws -> OrdinaryUser? {
        switch self {
        case .range, .noNewPrivileges, .namespaceUser: try OrdinaryUser.withRange.get()
        case .single, .containerUser: try OrdinaryUser.withOneID.get()
        default: nil
        }
    }
}

// What the cache directory lies on.
extension Place {
    /// Mounts what the cache directory, which exists and is empty, shall lie on.
    func prepareCache(at cache: String, in scratch: Scratch) throws {
        switch self {
        case .cacheOnOverlay:
            let below = try scratch.directory("overlay")
            try Command.shell(
                "mkdir $1/lower $1/upper $1/work; mount -t overlay -o lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work "
                    + "overlay \"$2\"",
                [below, cache]
            )
        case .cacheOnMemory: try Command.check("mount", ["-t", "tmpfs", "tmpfs", cache])
        case .smallDisk: try Command.check("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", cache])
        default: break
        }
    }

    /// Unmounts it.
    func releaseCache(at cache: String) {
        switch self {
        case .cacheOnOverlay, .cacheOnMemory, .smallDisk: _ = try? Command("umount", ["-l", cache]).run()
        default: break
        }
    }
}

// How a command gets there.
extension Place {
    /// `command`, which already has its user, as it is run here.
    func moved(_ command: Command, _ scratch: Scratch) -> Command {
        switch self {
        case .noNewPrivileges: return command.through("setpriv", ["--no-new-privs", "--"])
        case .namespaceRoot: return Self.inNamespace(command, ids: 65_536, scratch)
        case .fewIDs: return Self.inNamespace(command, ids: 1_000, scratch)
        case .namespaceUser: return Self.inNamespace(command, ids: Self.idsWithSubordinates(of: command.user), scratch)
        case .container, .containerVolume, .containerUser:
            guard let engine = try? DockerEngine.shared.get() else { return command }
            return engine.contained(command, scratch, keepsCache: self != .container)
        case .confined:
            var confined = command
            confined.environment["SWBUILD_ISOLATION"] = "chroot"
            return confined.through("setpriv", ["--bounding-set=\(Self.containerCapabilities)", "--"])
        default: return command
        }
    }

    /// What engines leave root in a container.
    private static let containerCapabilities =
        "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+mknod,+net_bind_service,+net_raw,+setfcap,+setgid,+setpcap"
        + ",+setuid,+sys_chroot,+audit_write"

    /// So many ids that the user's range is cut at 65536 of them.
    private static func idsWithSubordinates(of user: OrdinaryUser?) -> Int {
        let lines = (try? FileTree.text("/etc/subuid"))?.split(separator: "\n") ?? []
        let own = lines.first { $0.hasPrefix("\(user?.name ?? ""):") }?.split(separator: ":")
        return (own.flatMap { $0.count == 3 ? Int($0[1]) : nil } ?? 0) + 65_536
    }

    /// The command as its user in a new user namespace with the ids from 0 on, mapped to themselves.
    private static func inNamespace(_ command: Command, ids: Int, _ scratch: Scratch) -> Command {
        // The namespace's first process tells its number through the fifo, and learns there that it has its ids.
        let script = """
            fifo=$1 map=$2; shift 2
            rm -f "$fifo"; mkfifo "$fifo"
            { read -r pid < "$fifo"; echo "$map" > "/proc/$pid/uid_map"; echo "$map" > "/proc/$pid/gid_map"
              echo go > "$fifo"; } &
            exec unshare --user sh -euc 'echo $$ > "$0"; read -r go < "$0"; rm "$0"; exec "$@"' "$fifo" "$@"
            """
        var inner: [String] = []
        if let user = command.user {
            inner = ["setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups", "--"]
        }
        var moved = command
        moved.user = nil
        moved.program = "sh"
        moved.arguments =
            ["-euc", script, "sh", scratch.path("fifo"), "0 0 \(ids)"] + inner + [command.program] + command.arguments
        return moved
    }
}

extension Command {
    /// The same command, started by another program.
    func through(_ program: String, _ arguments: [String]) -> Command {
        var command = self
        command.program = program
        command.arguments = arguments + [self.program] + self.arguments
        return command
    }
}
