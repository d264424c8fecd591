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
    /// Cache volumes, and the copies that bind mounts of the context are.
    private var leases: [CacheMountLease] = []
    /// Where volumes are that a step has once, however often it mounts them.
    private var volumes: [CacheMountIdentity: Path] = [:]
    private var scratch: [ScratchLayer] = []
    private var agents: [AgentForwarding] = []
    private var copiesLocals = false
    /// Whether files that stand for devices are among what is mounted.
    private(set) var haveDevices = false

    /// A throw-away directory, removed when the step has ended.
    private final class ScratchLayer: Sendable {
        let active: ActiveSnapshot

        init(_ active: consuming ActiveSnapshot) {
            self.active = active
        }
    }

    /// Makes ready what `operation` mounts besides its root; `check` is called when local inputs were copied.
    static func prepare(
        _ operation: ExecOperation,
        inputs: [BuildOutput?],
        context: OperationContext,
        progress: VertexProgress,
        check: @escaping @Sendable (CancellationFlag) throws -> Void
    ) async throws -> StepMounts {
        var result = StepMounts()
        try await result.acquireVolumes(operation, inputs, context, progress)
        for mount in operation.mounts.dropFirst() {
            try await result.add(mount, inputs, context, progress)
        }
        if result.copiesLocals { try await BlockingThread.run("check context", check) }
        for variable in operation.secretEnvironment {
            let value = try context.secrets.value(variable.id)
            if value == nil, !variable.optional { throw OperationError.secretMissing(variable.id) }
            if value?.contains(0) == true { throw OperationError.secretHoldsZero(variable.id) }
            result.secretVariables.append(Array("\(variable.name)=".utf8) + (value ?? []))
        }
        return result
    }

    private mutating func add(
        _ mount: ExecMount,
        _ inputs: [BuildOutput?],
        _ context: OperationContext,
        _ progress: VertexProgress
    ) async throws {
        let content: RunMount.Content
        switch mount.kind {
        case .bind(let bind):
            content = try await self.bind(bind, readOnly: mount.readOnly, inputs, context)
        case .cache(let cache):
            content = try await volume(cache, inputs, context, progress)
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
            content = try forward(agent, to: upstream, context)
        }
        mounts.append(RunMount(target: Path(mount.target), content: content, readOnly: mount.readOnly))
    }

    private mutating func forward(
        _ file: ForwardedFile,
        to upstream: AgentSocket,
        _ context: OperationContext
    ) throws -> RunMount.Content {
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

    private mutating func bind(
        _ bind: BuildGraph.BindMount,
        readOnly: Bool,
        _ inputs: [BuildOutput?],
        _ context: OperationContext
    ) async throws -> RunMount.Content {
        let snapshot: Snapshot
        switch bind.input.flatMap({ inputs[$0] }) {
        case nil: snapshot = .empty
        case .snapshot(let input): snapshot = input
        case .imported: throw StorageError.abandoned
        case .local(let tree):
            copiesLocals = true
            return .bind(.path(try await copy(tree, bind.source, context)), subpath: Path(bind.source))
        }
        let active = try context.cache.snapshots.prepare(parent: snapshot)
        if active.upper.ledger?.hasDevices == true { haveDevices = true }
        let layer = ScratchLayer(active)
        scratch.append(layer)
        let root = try await BlockingThread.run("bind mount") { _ in MountSource(try layer.active.stepRoot()) }
        return .bind(root, subpath: Path(bind.source))
    }

    /// Copies what a bind mount of the context shows to a throw-away layer, and gives its path.
    private mutating func copy(_ tree: SourceTree, _ source: String, _ context: OperationContext) async throws -> Path {
        let active = ScratchLayer(try context.cache.snapshots.prepare(parent: .empty))
        scratch.append(active)
        let root = SharedDirectory(try active.active.upper.duplicate())
        try await BlockingThread.run("copy context") { flag in
            var options = CopyOptions()
            options.allowWildcard = false
            let action = CopyAction(input: nil, source: source, destination: source, options: options)
            let runner = CopyRunner(root: WritableRoot(root), cancellation: flag)
            try runner.run(action, from: tree)
        }
        return active.active.upperPath
    }

    /// Takes the volumes that others may use, too, in an order that is the same for all steps: each waits for one that is
    /// locked, and none for one that waits for it.
    private mutating func acquireVolumes(
        _ operation: ExecOperation,
        _ inputs: [BuildOutput?],
        _ context: OperationContext,
        _ progress: VertexProgress
    ) async throws {
        var wanted: [CacheMountIdentity: CacheMount] = [:]
        for case .cache(let cache) in operation.mounts.dropFirst().map(\.kind) where cache.sharing != .private {
            let identity = Self.identity(of: cache, inputs, context)
            // As strict as the strictest of them.
            if wanted[identity]?.sharing != .locked { wanted[identity] = cache }
        }
        for (identity, cache) in wanted.sorted(by: { $0.key.text < $1.key.text }) {
            volumes[identity] = try await acquire(cache, identity, inputs, context, progress)
        }
    }

    private mutating func volume(
        _ cache: CacheMount,
        _ inputs: [BuildOutput?],
        _ context: OperationContext,
        _ progress: VertexProgress
    ) async throws -> RunMount.Content {
        let identity = Self.identity(of: cache, inputs, context)
        let known = cache.sharing == .private ? nil : volumes[identity]
        if let known { return .bind(.path(known), subpath: nil) }
        return .bind(.path(try await acquire(cache, identity, inputs, context, progress)), subpath: nil)
    }

    private static func identity(
        of cache: CacheMount,
        _ inputs: [BuildOutput?],
        _ context: OperationContext
    ) -> CacheMountIdentity {
        CacheMountIdentity(
            scope: context.scope,
            id: cache.id,
            base: base(of: cache, inputs).description,
            source: cache.source,
            uid: cache.uid,
            gid: cache.gid,
            mode: cache.mode
        )
    }

    private static func base(of cache: CacheMount, _ inputs: [BuildOutput?]) -> Snapshot {
        cache.input.flatMap { inputs[$0]?.snapshot } ?? .empty
    }

    private mutating func acquire(
        _ cache: CacheMount,
        _ identity: CacheMountIdentity,
        _ inputs: [BuildOutput?],
        _ context: OperationContext,
        _ progress: VertexProgress
    ) async throws -> Path {
        await context.volumes.prepare(identity, context, progress)
        var sharing = CacheMounts.Sharing(rawValue: cache.sharing.rawValue) ?? .shared
        // Where nothing can be mounted, a volume is in one place at a time.
        if context.identity.kind == .container, sharing == .shared { sharing = .locked }
        let snapshots = context.cache.snapshots
        let lease = try await context.cache.mounts.acquire(identity, sharing: sharing) { path in
            try Self.setRoot(of: snapshots.openVolume(path), cache)
        } fill: { path in
            try await Self.fill(path, cache, Self.base(of: cache, inputs), context)
        }
        leases.append(lease)
        return lease.path
    }

    /// Gives a new volume its owner, mode and first content.
    private static func fill(
        _ path: Path,
        _ cache: CacheMount,
        _ base: Snapshot,
        _ context: OperationContext
    ) async throws {
        let snapshots = context.cache.snapshots
        try await BlockingThread.run("fill volume") { flag in
            let root = SharedDirectory(try snapshots.openVolume(path))
            if !base.isEmpty {
                let tree = SourceTree(root: try snapshots.mountReadOnly(base).root.duplicate(), ownership: .kept)
                let runner = CopyRunner(root: WritableRoot(root), cancellation: flag)
                try runner.run(CopyAction(input: nil, source: cache.source, destination: "/"), from: tree)
            }
            try setRoot(of: root.directory, cache)
        }
    }

    /// Gives the root of a volume the owner and mode that the mount asks for.
    private static func setRoot(of volume: borrowing Directory, _ cache: CacheMount) throws {
        guard cache.source == "/" else { return }
        try volume.descriptor.setOwner(uid: cache.uid, gid: cache.gid)
        try volume.descriptor.setPermissions(cache.mode)
    }
}
