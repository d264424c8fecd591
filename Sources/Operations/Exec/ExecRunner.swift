import BuildGraph
import BuildProgress
import LinuxSystem
import OCI
import Sandbox
import Storage

/// Runs a step's process in a sandbox; what it changed of its root is the result.
struct ExecRunner: Sendable {
    let context: OperationContext
    let operation: ExecOperation
    /// What the step's programs are made for; nil for this machine.
    let platform: Platform?
    let progress: VertexProgress
    let description: String
    /// Whether an earlier layer that holds the same may stand for what the step makes.
    let reuse: LayerReuse
    /// Throws where the local inputs are no longer what the cache key was made of.
    let check: @Sendable (CancellationFlag) throws -> Void

    /// Runs the process on the results of the vertex's inputs.
    func run(_ inputs: [BuildOutput?]) async throws -> Snapshot {
        try requireIsolation()
        try await requireEmulator()
        let parent = try root(inputs)
        let snapshots = context.cache.snapshots
        let layer = PendingLayer(try snapshots.prepare(parent: parent))
        // Plain trees take their time.
        let root = try await BlockingThread.run("prepare step") { _ in try layer.root() }
        let mounts = try await StepMounts.prepare(
            operation,
            inputs: inputs,
            context: context,
            progress: progress,
            check: check
        )
        let devices = try StepDevices(operation.devices)
        for omission in devices.omissions { progress.warn(ProgressWarning(short: omission)) }
        var user = try user(in: parent, root)
        user.groups += devices.groups.filter { !user.groups.contains($0) }
        var environment = try environment(user, root, mounts, devices)
        let changes = try layer.changes()
        let supervision = try supervision(user, mounts, changes)
        environment.supervised = supervision?.calls
        let group = try controlGroup(environment.facts)
        environment.controlGroups = group?.paths ?? []
        let exit = try await execute(environment, supervision?.answers, mounts, root: root, changes: changes)
        withExtendedLifetime(group) {}
        guard isSuccess(exit) else { throw failure(exit) }
        return try await BlockingThread.run("commit step") { _ in
            try snapshots.commit(layer.take(), description: description, reuse: reuse)
        }
    }

    private func requireIsolation() throws(OperationError) {
        switch context.identity.kind {
        case .initial, .range, .single, .container: return
        case .none: throw .stepsNeedIsolation(RefusalList(context.identity.refusals))
        }
    }

    private func requireEmulator() async throws {
        guard let architecture = platform?.architecture, BinaryFormat.named(architecture)?.isNative != true else {
            return
        }
        let scratch = try context.cache.makeTemporaryDirectory()
        do {
            try await context.emulators.require(architecture, scratch: scratch.path)
        } catch let error as EmulatorError {
            throw OperationError.emulator(error)
        }
    }

    private func controlGroup(_ facts: BuilderFacts) throws -> ControlGroup? {
        let parent = operation.limits.cgroupParent
        return parent.isEmpty ? nil : try ControlGroup(parent: parent, layout: facts.controlGroups)
    }

    private func root(_ inputs: [BuildOutput?]) throws -> Snapshot {
        guard let index = operation.mounts.first?.input else { return .empty }
        return inputs[index]?.snapshot ?? .empty
    }

    private func execute(
        _ environment: RunEnvironment,
        _ supervision: Supervision?,
        _ mounts: StepMounts,
        root: StepRoot,
        changes: borrowing Directory
    ) async throws -> StepExit {
        do {
            let result = try await stage(environment, root) { try await run(environment.plan, supervision, $0) }
            await supervision?.finish()
            try MountPoints.remove(result.createdMountPoints, from: changes)
            withExtendedLifetime(mounts) {}
            return result.exit
        } catch let error as SandboxError {
            try Task.checkCancellation()
            throw OperationError.cannotStart(arguments: operation.arguments, reason: "\(error)")
        }
    }

    private func run(
        _ plan: SandboxPlan,
        _ supervision: Supervision?,
        _ devices: OutputDevices?
    ) async throws -> StepResult {
        let output = try StepOutput(devices)
        let spawner = try context.spawner.get()
        return try await output.forward(to: progress) { first, second in
            try await spawner.run(plan, supervision: supervision, standardOutput: first, standardError: second)
        }
    }

    private func environment(
        _ user: StepUser,
        _ root: StepRoot,
        _ mounts: StepMounts,
        _ devices: StepDevices
    ) throws -> RunEnvironment {
        var process = RunProcess(
            arguments: operation.arguments,
            environment: processEnvironment(devices),
            workingDirectory: Path(operation.workingDirectory),
            user: user,
            limits: try limits()
        )
        process.secretEnvironment = mounts.secretVariables
        let security: RunEnvironment.Security =
            operation.security == .insecure
            ? .insecure : .sandbox(seccomp: try SeccompCache.program(context.cache, confinement))
        var environment = RunEnvironment(
            process: process,
            root: MountSource(root),
            security: security,
            facts: .ofThisProcess(context.identity)
        )
        environment.mounts = mounts.mounts + devices.mounts
        if let certificates = context.certificates { environment.mounts.append(certificates.mount) }
        environment.network = operation.network == .none ? .none : .host
        if !operation.hostname.isEmpty { environment.hostname = operation.hostname }
        if let size = operation.limits.shmSize { environment.sharedMemory = UInt64(size) }
        environment.hosts = NetworkFiles.hosts(
            hostname: environment.hostname,
            extra: operation.extraHosts.map { NetworkFiles.Host(name: $0.name, address: $0.address) }
        )
        environment.resolverConfiguration = NetworkFiles.resolverConfiguration(
            builder: Self.text("/etc/resolv.conf"),
            upstream: Self.text(NetworkFiles.upstreamPath),
            sharesNetwork: true
        )
        return environment
    }

    private func processEnvironment(_ devices: StepDevices) -> [String] {
        let environment = operation.environment + operation.proxyEnvironment + devices.environment
        return context.certificates == nil ? environment : environment + CertificateBundle.additions(to: environment)
    }

    private var confinement: SeccompProfile.Confinement {
        context.identity.kind == .container ? .chroot : .namespaces
    }

    private func user(in parent: Snapshot, _ root: StepRoot) throws -> StepUser {
        if parent.isEmpty, operation.user.isEmpty { return .root }
        if case .directory(let path) = root { return try user(in: Directory.open(path)) }
        return try user(in: context.cache.snapshots.mountReadOnly(parent).root.duplicate())
    }

    private func user(in root: borrowing Directory) throws -> StepUser {
        do throws(SandboxError) {
            return try UserDatabase.user(operation.user, in: root)
        } catch {
            throw OperationError.unknownUser(arguments: operation.arguments, reason: "\(error)")
        }
    }

    private func limits() throws -> [ResourceLimit] {
        try operation.limits.ulimits.map { limit in
            let value = { (number: Int64) in number < 0 ? UInt64.max : UInt64(number) }
            let made = ResourceLimit(name: limit.name, soft: value(limit.soft), hard: value(limit.hard))
            guard let made else { throw OperationError.unsupported("ulimit `\(limit.name)`") }
            return made
        }
    }

    private func isSuccess(_ exit: StepExit) -> Bool {
        guard case .exited(let code) = exit else { return false }
        return operation.validExitCodes.isEmpty ? code == 0 : operation.validExitCodes.contains(code)
    }

    private func failure(_ exit: StepExit) -> OperationError {
        switch exit {
        case .exited(let code): .exitStatus(arguments: operation.arguments, code: code)
        case .signaled(let number): .killed(arguments: operation.arguments, signal: number)
        }
    }

    /// A small text file of this machine; nil where it cannot be read.
    private static func text(_ path: String) -> String? {
        guard let bytes = try? FileDescriptor.open(Path(path)).readAll(limit: 1 << 16) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
