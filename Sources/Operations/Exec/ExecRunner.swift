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
    /// Throws where the local inputs are no longer what the cache key was made of.
    let check: @Sendable (CancellationFlag) throws -> Void

    /// Runs the process on the results of the vertex's inputs.
    func run(_ inputs: [BuildOutput?]) async throws -> Snapshot {
        try requireIsolation()
        try await requireEmulator()
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
        let environment = try environment(of: parent, layers, mounts)
        let exit = try await execute(environment, mounts, upper: active.upper)
        guard isSuccess(exit) else { throw failure(exit) }
        return try snapshots.commit(active, description: description)
    }

    private func requireIsolation() throws(OperationError) {
        switch context.identity.kind {
        case .initial, .range, .single: return
        case .container: throw .unsupported("a RUN step where namespaces and mounts are refused")
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
        _ mounts: StepMounts
    ) throws -> RunEnvironment {
        var process = RunProcess(
            arguments: operation.arguments,
            environment: operation.environment + operation.proxyEnvironment,
            workingDirectory: Path(operation.workingDirectory),
            user: try user(in: parent),
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
        environment.mounts = mounts.mounts
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
