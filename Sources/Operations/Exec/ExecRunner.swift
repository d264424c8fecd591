import BuildGraph
import BuildProgress
import LinuxSystem
import Sandbox
import Storage

/// Runs a step's process in a sandbox; what it changed of its root is the result.
struct ExecRunner: Sendable {
    let context: OperationContext
    let operation: ExecOperation
    let progress: VertexProgress
    let description: String
    /// Throws where the local inputs are no longer what the cache key was made of.
    let check: @Sendable (CancellationFlag) throws -> Void

    /// Runs the process on the results of the vertex's inputs.
    func run(_ inputs: [BuildOutput?]) async throws -> Snapshot {
        let parent = try root(inputs)
        let snapshots = context.cache.snapshots
        let active = try snapshots.prepare(parent: parent)
        let layers = OverlayLayers(
            lower: active.lowerPaths,
            upper: active.upperPath,
            work: try active.makeWorkDirectory(),
            userxattr: active.userxattr,
            volatile: true
        )
        let mounts = try await StepMounts.prepare(operation, inputs: inputs, context: context, check: check)
        let devices = try StepDevices(operation.devices)
        for omission in devices.omissions { progress.warn(ProgressWarning(short: omission)) }
        var environment = try environment(of: parent, layers, mounts, devices)
        let group = try controlGroup(environment.facts)
        environment.controlGroups = group?.paths ?? []
        let exit = try await execute(environment, mounts, upper: active.upper)
        withExtendedLifetime(group) {}
        guard isSuccess(exit) else { throw failure(exit) }
        return try snapshots.commit(active, description: description)
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
        _ mounts: StepMounts,
        upper: borrowing Directory
    ) async throws -> StepExit {
        let plan = environment.plan
        let output = try StepOutput()
        do {
            let spawner = try context.spawner.get()
            let result = try await output.forward(to: progress) { first, second in
                try await spawner.run(plan, standardOutput: first, standardError: second)
            }
            try MountPoints.remove(result.createdMountPoints, from: upper)
            withExtendedLifetime(mounts) {}
            return result.exit
        } catch let error as SandboxError {
            try Task.checkCancellation()
            throw OperationError.cannotStart(arguments: operation.arguments, reason: "\(error)")
        }
    }

    private func environment(
        of parent: Snapshot,
        _ layers: OverlayLayers,
        _ mounts: StepMounts,
        _ devices: StepDevices
    ) throws -> RunEnvironment {
        var user = try user(in: parent)
        user.groups += devices.groups.filter { !user.groups.contains($0) }
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
            ? .insecure : .sandbox(seccomp: try SeccompCache.program(context.cache))
        var environment = RunEnvironment(
            process: process,
            root: .overlay(layers),
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

    private func user(in parent: Snapshot) throws -> StepUser {
        if parent.isEmpty, operation.user.isEmpty { return .root }
        let mount = try context.cache.snapshots.mountReadOnly(parent)
        do throws(SandboxError) {
            return try UserDatabase.user(operation.user, in: mount.root)
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
