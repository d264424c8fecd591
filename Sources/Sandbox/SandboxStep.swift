import LinuxSystem

/// One thing that is done between clone and exec, in the order of the plan.
///
/// Targets are paths inside the new root: symbolic links of the image are followed inside it only, and mount points
/// that are missing are created and reported.
package enum SandboxStep: Hashable, Sendable {
    /// A directory of the builder's; with version 2 it is the root of the control groups that the step sees.
    case joinControlGroup(Path)
    /// Mounts of this step are seen by nobody else.
    case privateMounts
    /// The new root. `attachedAt` is a directory of the builder that no later step needs: a small file system is
    /// mounted over it, in the step's namespace only, which holds the root and what has no other place.
    case root(MountSource, attachedAt: Path, attributes: MountAttributes)
    case bind(BindMount)
    case filesystem(FilesystemMount)
    case file(FileMount)
    case symbolicLink(at: Path, to: Path)
    /// Hides a file below `/dev/null` and a directory below an empty one; what is missing is skipped.
    case mask(Path)
    /// Makes a tree read-only; what is missing is skipped.
    case readOnly(Path)
    /// The old root is gone after this.
    case enterRoot
    case hostname(String)
    /// The only interface of a new network namespace.
    case loopbackUp
    case limit(ResourceLimit)
    /// Created with mode 0755 and these owners if missing, its parents too; then entered.
    case workingDirectory(Path, uid: UInt32, gid: UInt32)
    /// Signals to processes of the builder, and its abstract sockets, which belong to the network that a step may share,
    /// are refused (Landlock; kernel 6.12, nothing on older ones).
    case scope
    /// A classic BPF program.
    case seccomp([UInt8])
    /// The calls that the program notifies of are answered by the step's `Supervision`.
    case supervise(SupervisedCalls)
    case identity(StepIdentity)
    /// A directory of the builder becomes the root, without a mount; everything is in it already.
    case changeRoot(Path)
    /// What a step without namespaces must not do, as far as the kernel can forbid it.
    case confine
}

/// A part of the builder's file system, or of layers, in the step's.
package struct BindMount: Hashable, Sendable {
    package var source: MountSource
    /// Inside the source, resolved without leaving it.
    package var subpath: Path?
    package var target: Path
    package var attributes: MountAttributes
    /// With everything that is mounted below the source.
    package var recursive = false
    /// A source that does not exist is skipped.
    package var optional = false
    /// No component of the target may be a symbolic link.
    package var realTarget = false
}

/// A file system that the kernel makes.
package struct FilesystemMount: Hashable, Sendable {
    package var type: String
    /// `key=value` or `flag`.
    package var options: [String] = []
    package var attributes: MountAttributes
    package var target: Path
    /// A kernel that has no such file system or refuses it is no error.
    package var optional = false
    /// No component of the target may be a symbolic link.
    package var realTarget = false
}

/// A file that exists in memory only, as long as the step runs.
package struct FileMount: Hashable, Sendable {
    package var target: Path
    package var contents: [UInt8]
    package var permissions: UInt32
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    package var attributes: MountAttributes
    /// The record of another owner than `uid` and `gid`, where the kernel has no ids for it.
    package var record: [UInt8] = []
}

extension FileMount {
    /// The same file, whose owner is recorded instead of set.
    func recordingOwner() -> FileMount {
        var file = self
        file.record = uid == 0 && gid == 0 ? [] : OwnerRecord(uid: uid, gid: gid).bytes
        file.uid = 0
        file.gid = 0
        return file
    }
}

/// A limit as setrlimit(2) takes it; `UInt64.max` is no limit.
package struct ResourceLimit: Hashable, Sendable {
    /// The kernel's number, `RLIMIT_NOFILE`.
    package var resource: UInt64
    package var soft: UInt64
    package var hard: UInt64

    package init(resource: UInt64, soft: UInt64, hard: UInt64) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// A limit by the name of `--ulimit`, `nofile`; `nil` for a name that there is not.
    package init?(name: String, soft: UInt64, hard: UInt64) {
        guard let number = ResourceLimit.names.firstIndex(of: name) else { return nil }
        self.init(resource: UInt64(number), soft: soft, hard: hard)
    }

    /// In the order of the kernel's numbers (asm-generic/resource.h).
    package static let names = [
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending",
        "msgqueue", "nice", "rtprio", "rttime",
    ]
}

/// Who the step's program is.
package struct StepIdentity: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    /// `nil` where setgroups(2) is denied: with a single id.
    package var groups: [UInt32]?
    package var bounding: Capabilities
    /// Permitted and effective; another user than root keeps none of them unless they are ambient too.
    package var permitted: Capabilities
    package var inheritable: Capabilities = []
    package var ambient: Capabilities = []
}

extension SandboxStep: CustomStringConvertible {
    /// What the step does, as it completes "cannot": ``mount `proc` on `/proc` ``.
    package var description: String {
        switch self {
        case .joinControlGroup(let path): "join control group `\(path)`"
        case .privateMounts: "make mounts private"
        case .root(let source, _, _): "mount \(source) as root"
        case .bind(let bind):
            "mount \(bind.source)" + (bind.subpath.map { " (`\($0)` of it)" } ?? "") + " on `\(bind.target)`"
        case .filesystem(let mount): "mount `\(mount.type)` on `\(mount.target)`"
        case .file(let file): "mount a file on `\(file.target)`"
        case .symbolicLink(let path, _): "create link `\(path)`"
        case .mask(let path): "hide `\(path)`"
        case .readOnly(let path): "make `\(path)` read-only"
        case .enterRoot: "enter the new root"
        case .hostname(let name): "set hostname `\(name)`"
        case .loopbackUp: "start the loopback interface"
        case .limit(let limit): "set limit \(limit)"
        case .workingDirectory(let path, _, _): "enter working directory `\(path)`"
        case .scope: "leave the builder's scope"
        case .seccomp: "install the seccomp program"
        case .supervise: "supervise system calls"
        case .changeRoot: "change the root directory"
        case .confine: "confine the step"
        case .identity(let identity): "become user \(identity.uid):\(identity.gid)"
        }
    }

    /// What might help when this step fails.
    func hint(for code: Int32) -> String? {
        switch self {
        case .filesystem(let mount) where mount.type == "proc" && code == 1:
            "parts of /proc are hidden from this container: run it with `--security-opt systempaths=unconfined`"
        case .root(.overlay, _, _) where code == 22:
            "the cache directory must be on a file system that overlay accepts, such as ext4, xfs or tmpfs"
        case .supervise where code == 16:
            "another program answers the system calls of this container already, as LXD, Incus and Sysbox do, and there "
                + "can be only one: give this user a range in /etc/subuid and /etc/subgid and install newuidmap"
        default: nil
        }
    }
}

extension ResourceLimit: CustomStringConvertible {
    package var description: String {
        let name = resource < UInt64(ResourceLimit.names.count) ? ResourceLimit.names[Int(resource)] : "\(resource)"
        return "\(name)=\(soft):\(hard)"
    }
}
