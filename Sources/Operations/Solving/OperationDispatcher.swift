import BuildGraph
import BuildProgress
import BuildSolver
import LinuxSystem
import OCI
import Storage
import Synchronization

/// Runs every kind of operation, and says what counts for its cache key.
package final class OperationDispatcher: OperationRunner {
    package let context: OperationContext
    private let indexes = Mutex<[Path: FileIndex]>([:])
    /// What of local directories is part of cache keys.
    private let contents = LocalContents()

    /// A runner for one build.
    package init(_ context: OperationContext) {
        self.context = context
    }

    /// Writes what was learnt about local directories.
    package func finish() {
        contents.cancelAll()
        for index in indexes.withLock({ Array($0.values) }) { index.save() }
    }

    package func asksForIdentity(of vertex: Vertex) -> Bool {
        switch vertex.operation {
        case .source(.git): true
        case .source(.http(let source)): source.checksum == nil
        case .source, .exec, .file, .merge, .diff: false
        }
    }

    package func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest? {
        switch vertex.operation {
        case .source(.git(let source)):
            vertex.cacheIdentity(pinnedTo: try await context.repositories.pin(of: source))
        case .source(.http(let source)) where source.checksum == nil:
            vertex.cacheIdentity(pinnedTo: try await context.files.file(source, progress).pin)
        case .source, .exec, .file, .merge, .diff:
            vertex.cacheIdentity
        }
    }

    package func contentDigest(of output: BuildOutput, for vertex: Vertex, input: Int) async throws -> Digest {
        let silence = VertexProgress(sink: SilentProgress(), vertex: vertex.id, name: vertex.name)
        let output = try await present(output, silence)
        var selectors = [ContentSelector(path: "/")]
        if case .content(let selected) = vertex.inputKeyKind(input) { selectors = selected }
        guard case .snapshot(let snapshot) = output else {
            return try await content(of: output, for: vertex, input, selectors).digest
        }
        let selection = ContentSelector.digest(of: selectors)
        if let known = try context.cache.database.contentDigest(of: snapshot, selector: selection) { return known }
        let digest = try await listedContent(of: output, selectors)
        try context.cache.database.setContentDigest(digest, of: snapshot, selector: selection)
        return digest
    }

    /// What is selected of a local directory, an input of `vertex`.
    private func content(
        of output: BuildOutput,
        for vertex: Vertex,
        _ input: Int,
        _ selectors: [ContentSelector]
    ) async throws -> ContentDigester.Content {
        let tree = try tree(of: output)
        let selector = ContentSelector.digest(of: selectors)
        return try await withTaskCancellationHandler {
            try await contents.content(of: selector, in: vertex.inputs[input].vertex ?? vertex.id) {
                try await BlockingThread.run("digest") { flag in
                    try ContentDigester(tree: tree, cancellation: flag).digest(of: selectors)
                }
            }
        } onCancel: {
            contents.cancelAll()
        }
    }

    /// What a local directory, an input of `vertex`, contributed to its key; nil where it is not part of that.
    func localContent(of vertex: Vertex, _ input: Int) -> ContentDigester.Content? {
        guard case .content(let selectors) = vertex.inputKeyKind(input) else { return nil }
        let directory = vertex.inputs[input].vertex ?? vertex.id
        return contents.known(ContentSelector.digest(of: selectors), in: directory)
    }

    package func run(_ vertex: Vertex, inputs: [BuildOutput?], progress: VertexProgress) async throws -> BuildOutput {
        let inputs = try await present(inputs, progress)
        switch vertex.operation {
        case .source(let source): return try await run(source, progress)
        case .exec(let operation):
            async let listings = unfinishedListings(of: vertex, inputs)
            let result = try await ExecRunner(
                context: context,
                operation: operation,
                platform: vertex.platform,
                progress: progress,
                description: vertex.name,
                reuse: vertex.ignoreCache ? .never : .ignoringTimesOfRunning,
                check: { [self] in try checkUnchanged(vertex, inputs, $0) }
            ).run(inputs)
            for lister in try await listings { lister.finish() }
            return .snapshot(result)
        case .file(let operation): return .snapshot(try await run(operation, inputs, vertex))
        case .merge:
            return .snapshot(inputs.reduce(Snapshot.empty) { $0.merging($1?.snapshot ?? .empty) })
        case .diff: return .snapshot(try Self.difference(inputs))
        }
    }

    /// Throws ``OperationError/changedDuringBuild(_:)`` where what was read of a local directory is not what the
    /// vertex's key was made of: otherwise a later build would take a wrong result for its own.
    private func checkUnchanged(
        _ vertex: Vertex,
        _ inputs: [BuildOutput?],
        _ cancellation: CancellationFlag
    ) throws {
        for (index, input) in inputs.enumerated() {
            guard case .local(let tree) = input, let expected = localContent(of: vertex, index),
                case .content(let selectors) = vertex.inputKeyKind(index)
            else { continue }
            let digester = ContentDigester(tree: tree, cancellation: cancellation)
            guard try digester.isUnchanged(expected, selectors) else {
                throw OperationError.changedDuringBuild("the build context")
            }
        }
    }

    private func run(_ source: SourceOperation, _ progress: VertexProgress) async throws -> BuildOutput {
        switch source {
        case .image(let reference, let manifest, _):
            let puller = ImagePuller(context: context, origin: .registry(reference), progress: progress)
            return .snapshot(try await puller.pull(manifest))
        case .ociLayout(let path, let manifest, _):
            let puller = ImagePuller(context: context, origin: .layout(Path(path)), progress: progress)
            return .snapshot(try await puller.pull(manifest))
        case .git(let source):
            return .snapshot(try await context.repositories.snapshot(of: source))
        case .local(let source):
            return .local(try context.locals.open(source) { index(of: $0) })
        case .http(let source):
            return .snapshot(try await context.files.file(source, progress).snapshot)
        }
    }

    private func run(
        _ operation: FileOperation,
        _ inputs: [BuildOutput?],
        _ vertex: Vertex
    ) async throws -> Snapshot {
        var trees: [Int: SourceTree] = [:]
        for (index, input) in inputs.enumerated() where index > 0 {
            if let input { trees[index] = try tree(of: input) }
        }
        let sources = trees
        let parent = inputs.first.flatMap { $0?.snapshot } ?? .empty
        let snapshots = context.cache.snapshots
        let times: LayerReuse = operation.setsTimes ? .ignoringTimesOfRunning : .ignoringTimes
        let reuse = vertex.ignoreCache ? .never : times
        return try await BlockingThread.run("file operation") { [self] flag in
            let pending = PendingLayer(try snapshots.prepare(parent: parent))
            let sharing = vertex.ignoreCache ? nil : try sharing(of: vertex, sources)
            let listers = listers(of: vertex, inputs)
            do {
                let root = try WritableRoot(pending, parent: parent, kind: snapshots.kind)
                let runner = FileRunner(
                    root: root,
                    cancellation: flag,
                    sharing: sharing,
                    listers: listers,
                    writeBehind: snapshots.writeBehind
                )
                try runner.run(operation, trees: sources)
            }
            try checkUnchanged(vertex, inputs, flag)
            for lister in listers.values { lister.finish() }
            return try snapshots.commit(
                pending.take(),
                description: vertex.name,
                reuse: reuse,
                copied: sharing?.finish()
            )
        }
    }

    /// What a copy from local directories shares with the layer that it made the last time; `nil` where it copies nothing of
    /// that kind.
    private func sharing(of vertex: Vertex, _ trees: [Int: SourceTree]) throws -> CopySharing? {
        let directories = trees.sorted { $0.key < $1.key }.compactMap { $0.value.index?.directory }
        guard !directories.isEmpty, let identity = vertex.cacheIdentity else { return nil }
        var hasher = DigestHasher()
        hasher.update(Array(identity.description.utf8))
        for directory in directories { hasher.update([0] + directory.bytes) }
        let source = hasher.finalize()
        return CopySharing(source, try context.cache.snapshots.earlierCopy(of: source))
    }

    private static func difference(_ inputs: [BuildOutput?]) throws -> Snapshot {
        let lower = inputs.first.flatMap { $0?.snapshot } ?? .empty
        let upper = inputs.dropFirst().first.flatMap { $0?.snapshot } ?? .empty
        guard upper.layers.starts(with: lower.layers) else {
            throw OperationError.unsupported("a difference of trees that are not built upon each other")
        }
        return Snapshot(layers: Array(upper.layers.dropFirst(lower.layers.count)))
    }

    /// The files of a result, open for reading.
    package func tree(of output: BuildOutput) throws -> SourceTree {
        switch output {
        case .local(let tree): tree
        case .snapshot(let snapshot):
            SourceTree(root: try context.cache.snapshots.mountReadOnly(snapshot).root.duplicate(), ownership: .kept)
        case .imported: throw StorageError.abandoned
        }
    }

    private func index(of directory: Path) -> FileIndex {
        indexes.withLock { indexes in
            if let index = indexes[directory] { return index }
            let index = FileIndex(directory, context.cache.contexts)
            indexes[directory] = index
            return index
        }
    }
}
