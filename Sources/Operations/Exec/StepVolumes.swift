import BuildGraph
import BuildProgress
import LinuxSystem
import Storage

/// The volumes that a step mounts as caches, taken for as long as this lives.
struct StepVolumes: Sendable {
    private let inputs: [BuildOutput?]
    private let context: OperationContext
    private let progress: VertexProgress
    private var leases: [CacheMountLease] = []
    /// Where volumes are that a step has once, however often it mounts them.
    private var shared: [CacheMountIdentity: Path] = [:]

    /// No volumes yet; `inputs` are those of the step.
    init(inputs: [BuildOutput?], context: OperationContext, progress: VertexProgress) {
        self.inputs = inputs
        self.context = context
        self.progress = progress
    }

    /// Takes the volumes that others may use, too, in an order that is the same for all steps: each waits for one that is
    /// locked, and none for one that waits for it.
    mutating func acquireShared(_ operation: ExecOperation) async throws {
        var wanted: [CacheMountIdentity: CacheMount] = [:]
        for case .cache(let cache) in operation.mounts.dropFirst().map(\.kind) where cache.sharing != .private {
            let identity = identity(of: cache)
            // As strict as the strictest of them.
            if wanted[identity]?.sharing != .locked { wanted[identity] = cache }
        }
        for (identity, cache) in wanted.sorted(by: { $0.key.text < $1.key.text }) {
            shared[identity] = try await acquire(cache, identity)
        }
    }

    /// The directory of a cache mount's volume: one that was taken already, unless it is for this mount alone.
    mutating func path(of cache: CacheMount) async throws -> Path {
        let identity = identity(of: cache)
        if cache.sharing != .private, let known = shared[identity] { return known }
        return try await acquire(cache, identity)
    }

    private func identity(of cache: CacheMount) -> CacheMountIdentity {
        CacheMountIdentity(
            scope: context.scope,
            id: cache.id,
            base: base(of: cache).description,
            source: cache.source,
            uid: cache.uid,
            gid: cache.gid,
            mode: cache.mode
        )
    }

    /// What the volume begins with.
    private func base(of cache: CacheMount) -> Snapshot {
        cache.input.flatMap { inputs[$0]?.snapshot } ?? .empty
    }

    private mutating func acquire(_ cache: CacheMount, _ identity: CacheMountIdentity) async throws -> Path {
        await context.volumes.prepare(identity, context, progress)
        var sharing = CacheMounts.Sharing(rawValue: cache.sharing.rawValue) ?? .shared
        // Where nothing can be mounted, a volume is in one place at a time.
        if context.identity.kind == .container, sharing == .shared { sharing = .locked }
        let snapshots = context.cache.snapshots
        let base = base(of: cache)
        let lease = try await context.cache.mounts.acquire(identity, sharing: sharing) { path in
            try Self.setRoot(of: snapshots.openVolume(path), cache)
        } fill: { path in
            try await Self.fill(path, cache, base, snapshots)
        }
        leases.append(lease)
        return lease.path
    }

    /// Gives a new volume its owner, mode and first content.
    private static func fill(
        _ path: Path,
        _ cache: CacheMount,
        _ base: Snapshot,
        _ snapshots: Snapshotter
    ) async throws {
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
