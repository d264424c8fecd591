import LinuxSystem

/// The mounts that the kernel provides.
extension RunEnvironment {
    /// `/proc`, and what of it is hidden or read-only.
    ///
    /// It must be a real directory: through a link it could be mounted where another step can move it.
    var processInformation: [SandboxStep] {
        let proc = FilesystemMount(type: "proc", attributes: .inert, target: "/proc", realTarget: true)
        if isInsecure { return [.filesystem(proc)] }
        return [.filesystem(proc)] + RunEnvironment.hidden.map(SandboxStep.mask)
            + RunEnvironment.protected.map(SandboxStep.readOnly)
    }

    private static let hidden: [Path] = [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
    ]

    private static let hiddenOfSystem: [Path] = ["/sys/firmware", "/sys/devices/virtual/powercap"]

    private static let protected: [Path] = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]

    /// `/sys` and the control groups.
    ///
    /// A user namespace that does not own the network namespace may not mount sysfs (EPERM): it sees the builder's.
    var systemInformation: [SandboxStep] {
        let attributes: MountAttributes = isInsecure ? .inert : MountAttributes.inert.union(.readOnly)
        var steps: [SandboxStep] = []
        if !facts.inUserNamespace || network == .none {
            steps.append(
                .filesystem(FilesystemMount(type: "sysfs", attributes: attributes, target: "/sys", realTarget: true))
            )
            if !facts.inUserNamespace { steps += controlGroups(attributes) }
        } else {
            let system = BindMount(
                source: .path("/sys"),
                target: "/sys",
                attributes: attributes,
                recursive: true,
                realTarget: true
            )
            steps.append(.bind(system))
        }
        return isInsecure ? steps : steps + RunEnvironment.hiddenOfSystem.map(SandboxStep.mask)
    }

    private func controlGroups(_ attributes: MountAttributes) -> [SandboxStep] {
        let target: Path = "/sys/fs/cgroup"
        switch facts.controlGroups {
        case .none: return []
        case .unified:
            return [.filesystem(FilesystemMount(type: "cgroup2", attributes: attributes, target: target))]
        case .split:
            let tree = BindMount(source: .path(target), target: target, attributes: attributes, recursive: true)
            return [.bind(tree)]
        }
    }

    /// `/dev`: the builder's own device files, each a mount of its own, so that no other can be opened.
    var devices: [SandboxStep] {
        var attributes: MountAttributes = [.noSetUID, .strictAccessTime]
        if !isInsecure { attributes.insert(.noDevices) }
        let directory = FilesystemMount(
            type: "tmpfs",
            options: ["mode=755", "size=65536k"],
            attributes: attributes,
            target: "/dev"
        )
        return [.filesystem(directory)] + RunEnvironment.deviceNames.map { device($0) } + deviceLinks
            + deviceFilesystems + moreDevices
    }

    private static let deviceNames = ["null", "zero", "full", "random", "urandom", "tty"]

    private static let moreDeviceNames =
        ["kmsg", "cuse", "fuse", "kvm", "net/tun", "loop-control"] + (0...8).map { "loop\($0)" }

    private func device(_ name: String, optional: Bool = false) -> SandboxStep {
        let path = Path("/dev").appending(name)
        let attributes: MountAttributes = [.noSetUID, .noExecution]
        return .bind(BindMount(source: .path(path), target: path, attributes: attributes, optional: optional))
    }

    private var moreDevices: [SandboxStep] {
        guard isInsecure, !facts.inUserNamespace else { return [] }
        return RunEnvironment.moreDeviceNames.map { device($0, optional: true) }
    }

    private var deviceLinks: [SandboxStep] {
        let links: [(Path, Path)] = [
            ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"), ("/dev/stdout", "/proc/self/fd/1"),
            ("/dev/stderr", "/proc/self/fd/2"), ("/dev/ptmx", "pts/ptmx"),
        ]
        return links.map { .symbolicLink(at: $0.0, to: $0.1) }
    }

    private var deviceFilesystems: [SandboxStep] {
        // Group 5 is tty; the interpreter leaves it out where it has no id.
        let terminals = FilesystemMount(
            type: "devpts",
            options: ["newinstance", "ptmxmode=0666", "mode=0620"] + (facts.hasSingleID ? [] : ["gid=5"]),
            attributes: [.noSetUID, .noExecution],
            target: "/dev/pts"
        )
        let memory = FilesystemMount(
            type: "tmpfs",
            options: ["mode=1777", "size=\(sharedMemory)"],
            attributes: .inert,
            target: "/dev/shm"
        )
        // A kernel may be built without.
        let queues = FilesystemMount(type: "mqueue", attributes: .inert, target: "/dev/mqueue", optional: true)
        return [.filesystem(terminals), .filesystem(memory), .filesystem(queues)]
    }
}
