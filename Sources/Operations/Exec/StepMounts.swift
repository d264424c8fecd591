import BuildGraph
import BuildProgress
import LinuxSystem
import Sandbox
import Storage

/// What the `--mount`s of a step become, and what must stay alive while it runs.
struct StepMounts: Sendable {
    /// In the order of the operation.
    private(set) var mounts: [RunMount] = []
    /// `NAME=value` of secrets that are variables, byte for byte; never shown or kept.
    private(set) var secretVariables: [[UInt8]] = []
    private let inputs: [BuildOutput?]
    private let context: OperationContext
    private var volumes: StepVolumes
    private var binds: StepBinds
    private var agents: [AgentForwarding] = []

    private init(_ inputs: [BuildOutput?], _ context: OperationContext, _ progress: VertexProgress) {
        self.inputs = inputs
        self.context = context
        volumes = StepVolumes(inputs: inputs, context: context, progress: progress)
        binds = StepBinds(in: context.cache)
    }

    /// Whether files that stand for devices are among what is mounted.
    var haveDevices: Bool { binds.haveDevices }

    /// Makes ready what `operation` mounts besides its root; `check` is called when local inputs were copied.
    static func prepare(
        _ operation: ExecOperation,
        inputs: [BuildOutput?],
        context: OperationContext,
        progress: VertexProgress,
        check: @escaping @Sendable (CancellationFlag) throws -> Void
    ) async throws -> StepMounts {
        var result = StepMounts(inputs, context, progress)
        try await result.volumes.acquireShared(operation)
        for mount in operation.mounts.dropFirst() { try await result.add(mount) }
        if result.binds.copyLocals { try await BlockingThread.run("check context", check) }
        for variable in operation.secretEnvironment { try result.add(variable) }
        return result
    }

    private mutating func add(_ variable: SecretVariable) throws {
        let value = try context.secrets.value(variable.id)
        if value == nil, !variable.optional { throw OperationError.secretMissing(variable.id) }
        if value?.contains(0) == true { throw OperationError.secretHoldsZero(variable.id) }
        secretVariables.append(Array("\(variable.name)=".utf8) + (value ?? []))
    }

    private mutating func add(_ mount: ExecMount) async throws {
        let content: RunMount.Content
        switch mount.kind {
        case .bind(let bind):
            content = try await binds.add(bind.source, of: bind.input.flatMap { inputs[$0] })
        case .cache(let cache):
            content = .bind(.path(try await volumes.path(of: cache)), subpath: nil)
        case .tmpfs(let size):
            content = .temporary(size: size.map { UInt64($0) })
        case .secret(let file):
            guard let value = try context.secrets.value(file.id) else {
                if file.optional { return }
                throw OperationError.secretMissing(file.id)
            }
            content = .file(value, permissions: file.mode, uid: file.uid, gid: file.gid)
        case .ssh(let agent):
            guard let upstream = try await context.agents.socket(agent.id) else {
                if agent.optional { return }
                throw OperationError.agentMissing(agent.id)
            }
            content = try forward(agent, to: upstream)
        }
        mounts.append(RunMount(target: Path(mount.target), content: content, readOnly: mount.readOnly))
    }

    private mutating func forward(_ file: ForwardedFile, to upstream: AgentSocket) throws -> RunMount.Content {
        let forwarding = try AgentForwarding(
            to: upstream,
            in: context.cache,
            uid: file.uid,
            gid: file.gid,
            permissions: file.mode,
            recordsOwners: context.identity.ledgerScope == .owners
        )
        agents.append(forwarding)
        return .bind(.path(forwarding.path), subpath: nil)
    }
}
