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
    /// The contents of local inputs that are part of cache keys.
    let localContents = Mutex<[LocalInput: ContentDigester.Content]>([:])

    struct LocalInput: Hashable {
        let vertex: Digest
        let index: Int
    }

    /// A runner for one build.
    package init(_ context: OperationContext) {
        self.context = context
    }

    /// Writes what was learnt about local directories.
    package func finish() {
        for index in indexes.withLock({ Array($0.values) }) { index.save() }
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
            let content = try await content(of: output, selectors)
            localContents.withLock { $0[LocalInput(vertex: vertex.id, index: input)] = content }
            return content.digest
        }
        let selection = ContentSelector.digest(of: selectors)
        if let known = try context.cache.database.contentDigest(of: snapshot, selector: selection) { return known }
        let digest = try await listedContent(of: output, selectors)
        try context.cache.database.setContentDigest(digest, of: snapshot, selector: selection)
        return digest
    }

    private func content(
        of output: BuildOutput,
        _ selectors: [ContentSelector]
    ) async throws -> ContentDigester.Content {
        let tree = try tree(of: output)
        return try await BlockingThread.run("digest") { flag in
            try ContentDigester(tree: tree, cancellation: flag).digest(of: selectors)
        }
    }

    package func run(_ vertex: Vertex, inputs: [BuildOutput?], progress: VertexProgress) async throws -> BuildOutput {
        let inputs = try await present(inputs, progress)
        async let listing: Void = listContents(of: vertex, inputs)
        let output = try await perform(vertex, inputs, progress)
        try await listing
        return output
    }

    private func perform(
        _ vertex: Vertex,
        _ inputs: [BuildOutput?],
        _ progress: VertexProgress
    ) async throws -> BuildOutput {
        switch vertex.operation {
        case .source(let source): try await run(source, progress)
        case .exec(let operation):
            .snapshot(
                try await ExecRunner(
                    context: context,
                    operation: operation,
                    platform: vertex.platform,
                    progress: progress,
                    description: vertex.name,
                    reuse: vertex.ignoreCache ? .never : .ignoringTimesOfRunning,
                    check: { [self] in try checkUnchanged(vertex, inputs, $0) }
                ).run(inputs)
            )
        case .file(let operation): .snapshot(try await run(operation, inputs, vertex))
        case .merge:
            .snapshot(inputs.reduce(Snapshot.empty) { $0.merging($1?.snapshot ?? .empty) })
        case .diff: .snapshot(try Self.difference(inputs))
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
            let place = LocalInput(vertex: vertex.id, index: index)
            guard case .local(let tree) = input, let expected = localContents.withLock({ $0[place] }),
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
            let active = try snapshots.prepare(parent: parent)
            let root: SharedDirectory
            if parent.isEmpty {
                root = SharedDirectory(try active.upper.duplicate())
            } else {
                root = SharedDirectory(try active.mount().root.duplicate())
            }
            let runner = FileRunner(root: root, cancellation: flag)
            try runner.run(operation, trees: sources)
            try checkUnchanged(vertex, inputs, flag)
            return try snapshots.commit(active, description: vertex.name, reuse: reuse)
        }
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
