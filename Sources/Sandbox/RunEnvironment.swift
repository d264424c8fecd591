import LinuxSystem

/// Everything that decides how a `RUN` is executed; its `plan` is the standard one (spec/07 §7.1).
package struct RunEnvironment: Hashable, Sendable {
    /// Whose network a step uses.
    package enum Network: Hashable, Sendable {
        /// The builder's own.
        case host
        /// A loopback interface, and nothing else.
        case none
    }

    /// What a step may do.
    package enum Security: Hashable, Sendable {
        /// The standard capabilities; `seccomp` is the program from `SeccompProfile`, `nil` where none can be had.
        case sandbox(seccomp: [UInt8]?)
        /// `--security=insecure`: everything that the builder may do.
        case insecure
    }

    package static let defaultHostname = "buildkitsandbox"
    package static let defaultSharedMemory: UInt64 = 64 << 20

    package var process: RunProcess
    package var root: MountSource
    package var mounts: [RunMount] = []
    package var hostname = RunEnvironment.defaultHostname
    /// The contents of `/etc/hosts` and `/etc/resolv.conf`, from `NetworkFiles`; `nil` leaves the image's.
    package var hosts: String?
    package var resolverConfiguration: String?
    package var network = Network.host
    package var security: Security
    /// The size of `/dev/shm` in bytes.
    package var sharedMemory = RunEnvironment.defaultSharedMemory
    /// Directories of control groups that the step joins, by the builder's paths.
    package var controlGroups: [Path] = []
    package var facts: BuilderFacts
    /// Which system calls a `Supervision` answers.
    package var supervised: SupervisedCalls?

    package init(process: RunProcess, root: MountSource, security: Security, facts: BuilderFacts) {
        self.process = process
        self.root = root
        self.security = security
        self.facts = facts
    }

    var isInsecure: Bool { security == .insecure }

    /// The plan that a `Spawner` carries out.
    package var plan: SandboxPlan {
        var plan = SandboxPlan(
            namespaces: facts.hasNamespaces ? namespaces : [],
            steps: facts.hasNamespaces ? mountSteps + processSteps : confinedSteps,
            arguments: process.arguments,
            environment: process.completeEnvironment
        )
        plan.secretEnvironment = process.secretEnvironment
        return plan
    }

    private var namespaces: Namespaces {
        var namespaces: Namespaces = [.mount, .process, .ipc, .hostname]
        if facts.controlGroups == .unified { namespaces.insert(.cgroup) }
        if network == .none { namespaces.insert(.network) }
        return namespaces
    }

    /// The order matters: what the kernel provides comes before mounts that a step running beside can write to, so
    /// that hidden and read-only paths are those of the true `/proc` (CVE-2023-27561).
    private var mountSteps: [SandboxStep] {
        // Without a device control group, device files are of use in /dev only.
        let attributes: MountAttributes = isInsecure ? [] : .noDevices
        var steps = controlGroups.map { SandboxStep.joinControlGroup($0) }
        steps += [.privateMounts, .root(root, attachedAt: attachPoint, attributes: attributes)]
        steps += processInformation + devices + systemInformation + networkFiles
        // Parents first.
        steps += mounts.sorted { $0.target < $1.target }.map { mount in
            let step = mount.step(devices: isInsecure)
            guard facts.hasSingleID, case .file(let file) = step else { return step }
            return .file(file.recordingOwner())
        }
        return steps
    }

    /// A directory that is of no use once the root is mounted.
    private var attachPoint: Path {
        switch root {
        case .path(let path): path
        case .overlay(let layers): layers.work ?? layers.lower.last ?? "/"
        }
    }

    private var networkFiles: [SandboxStep] {
        let files: [(Path, String?)] = [("/etc/resolv.conf", resolverConfiguration), ("/etc/hosts", hosts)]
        return files.compactMap { path, text in
            text.map { text in
                .file(
                    FileMount(
                        target: path,
                        contents: Array(text.utf8),
                        permissions: 0o644,
                        attributes: MountAttributes.inert.union(.readOnly)
                    )
                )
            }
        }
    }

    private var processSteps: [SandboxStep] {
        var steps: [SandboxStep] = [.hostname(hostname)]
        if network == .none { steps.append(.loopbackUp) }
        return steps + [.enterRoot] + programSteps
    }

    /// Without namespaces: mounts, devices and files are in the root already.
    private var confinedSteps: [SandboxStep] {
        guard case .path(let path) = root else { return [] }
        return [.changeRoot(path)] + programSteps
    }

    private var programSteps: [SandboxStep] {
        var steps = process.limits.map(SandboxStep.limit)
        let identity = stepIdentity
        steps.append(.workingDirectory(process.workingDirectory, uid: identity.uid, gid: identity.gid))
        // Not both: below a second Landlock domain that knows no files, no file can be linked into another directory.
        if !facts.hasNamespaces {
            steps.append(.confine)
        } else if !isInsecure {
            steps.append(.scope)
        }
        // Before capabilities are dropped: with CAP_SYS_ADMIN it needs no no_new_privs, so sudo works.
        if case .sandbox(let seccomp?) = security { steps.append(.seccomp(seccomp)) }
        if let supervised { steps.append(.supervise(supervised)) }
        steps.append(.identity(identity))
        return steps
    }

    /// With a single id there is no other to become, and setgroups(2) is denied: every user is root.
    private var stepIdentity: StepIdentity {
        let all = isInsecure
        let some: Capabilities = facts.hasNamespaces ? .standard : .confined
        var identity = StepIdentity(
            uid: process.user.uid,
            gid: process.user.gid,
            groups: process.user.groups,
            bounding: all ? .all : some,
            permitted: all ? .all : some,
            inheritable: all ? .all : [],
            ambient: all ? .all : []
        )
        if facts.hasSingleID {
            identity.uid = 0
            identity.gid = 0
            identity.groups = nil
        }
        return identity
    }
}
