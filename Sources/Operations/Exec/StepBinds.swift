import BuildGraph
import LinuxSystem
import Sandbox
import Storage

/// What bind mounts of a step show: throw-away layers above snapshots, and copies of local directories; removed when this
/// is no more.
struct StepBinds: Sendable {
    private let cache: CacheDirectory
    private var layers: [ScratchLayer] = []
    /// Whether local directories were copied.
    private(set) var copyLocals = false
    /// Whether files that stand for devices are in what is shown.
    private(set) var haveDevices = false

    /// A throw-away directory.
    private final class ScratchLayer: Sendable {
        let active: ActiveSnapshot

        init(_ active: consuming ActiveSnapshot) {
            self.active = active
        }
    }

    /// No mounts yet; their layers will be in `cache`.
    init(in cache: CacheDirectory) {
        self.cache = cache
    }

    /// Makes ready what `source` is in `input`; nil is an empty tree.
    mutating func add(_ source: String, of input: BuildOutput?) async throws -> RunMount.Content {
        let snapshot: Snapshot
        switch input {
        case nil: snapshot = .empty
        case .snapshot(let input): snapshot = input
        case .imported: throw StorageError.abandoned
        case .local(let tree): return .bind(.path(try await copy(tree, source)), subpath: Path(source))
        }
        let layer = try layer(above: snapshot)
        if layer.active.upper.ledger?.hasDevices == true { haveDevices = true }
        let root = try await BlockingThread.run("bind mount") { _ in MountSource(try layer.active.stepRoot()) }
        return .bind(root, subpath: Path(source))
    }

    /// Copies what a bind mount of the context shows, and gives the path of the root that it is in.
    private mutating func copy(_ tree: SourceTree, _ source: String) async throws -> Path {
        copyLocals = true
        let layer = try layer(above: .empty)
        let root = SharedDirectory(try layer.active.upper.duplicate())
        try await BlockingThread.run("copy context") { flag in
            var options = CopyOptions()
            options.allowWildcard = false
            let action = CopyAction(input: nil, source: source, destination: source, options: options)
            try CopyRunner(root: WritableRoot(root), cancellation: flag).run(action, from: tree)
        }
        return layer.active.upperPath
    }

    private mutating func layer(above parent: Snapshot) throws -> ScratchLayer {
        let layer = ScratchLayer(try cache.snapshots.prepare(parent: parent))
        layers.append(layer)
        return layer
    }
}
