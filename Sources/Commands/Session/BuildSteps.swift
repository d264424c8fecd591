import BuildGraph
import BuildProgress
import BuildSolver
import DockerfileParser
import Frontend
import LinuxSystem
import OCI
import Operations
import Registry
import Storage

/// The way of a build: context, frontend, solver, outputs.
struct BuildSteps: Sendable {
    let request: BuildRequest
    let isolation: Isolation
    let start: EarlyStart
    let recorder: BuildRecorder

    /// Goes the way, shows it, and keeps the record of it; `definition` gets the Dockerfile once it is read, and what is found
    /// in it.
    ///
    /// Who calls keeps the record of a failure.
    func run(_ definition: BuildDefinition) async throws -> BuildResult {
        try await withOperations { context, forecast in
            try await request.withinSpace(context.cache) {
                let dispatcher = OperationDispatcher(context)
                let rehearsal = forecast.isAsking ? Rehearsal(dispatcher) : nil
                let result = try await request.report.withProgress(recorder.transcript) { progress in
                    tellOfSnapshots(context.cache.snapshotNote, progress)
                    return try await build(dispatcher, progress, definition, rehearsal)
                }
                async let kept: Void = recorder.keep(definition, result, nil, in: context.cache.history)
                forecast.remember(in: context.cache)
                try context.cache.finish()
                await kept
                return result
            }
        }
    }

    /// Goes the way as far as the solver, which runs nothing; gives what could not be known without.
    func foresee(_ progress: ProgressStream, _ definition: BuildDefinition) async throws -> Foresight {
        try await withOperations { context, _ in
            let dispatcher = OperationDispatcher(context)
            defer { dispatcher.finish() }
            let (lowered, imported) = try await define(dispatcher, progress, definition)
            let operations = DryRunOperations(dispatcher, readsOtherCaches: !imported.isEmpty)
            let solver = Solver(
                graph: lowered.graph,
                runner: operations,
                store: ReadOnlyResults(
                    results: StoredResults(context, imported: imported, notesContents: false)
                ) { .known($0) },
                progress: progress,
                observer: recorder,
                parallelism: max(4, onlineProcessors)
            )
            _ = try await solver.solve(lowered.targets + Self.epochSource(lowered))
            return operations.foresight
        }
    }

    /// Runs `body` with what operations work with, and with what is known of the images that builds here need.
    private func withOperations<Result: Sendable>(
        _ body: (OperationContext, ImageForecast) async throws -> Result
    ) async throws -> Result {
        let questions = try await start.questions
        let registry = request.registry(questions.registry)
        defer { registry.shutdown() }
        return try await request.withOperations(start, registry, questions.forecast) { context in
            recorder.begin(context)
            questions.forecast.lookUp(in: context.images)
            return try await body(context, questions.forecast)
        }
    }

    /// Reads and lowers the definition, while the caches elsewhere are read.
    private func define(
        _ dispatcher: OperationDispatcher,
        _ progress: ProgressStream,
        _ definition: BuildDefinition,
        _ rehearsal: Rehearsal? = nil
    ) async throws -> (build: LoweredBuild, imported: [ImportedCache]) {
        let context = dispatcher.context
        let archives = ArchiveSolver(dispatcher: dispatcher, results: StoredResults(context), progress: progress)
        let fetcher = ContextLoader.Fetcher(context: context, archives: archives)
        async let imported = CacheImporter(context, progress: progress).load(request.cache.sources.map(\.location))
        let lowered = try await lower(fetcher, progress, definition, rehearsal)
        recorder.defined(lowered.graph)
        return (lowered, try await imported)
    }

    private func build(
        _ dispatcher: OperationDispatcher,
        _ progress: ProgressStream,
        _ definition: BuildDefinition,
        _ rehearsal: Rehearsal?
    ) async throws -> BuildResult {
        defer { dispatcher.finish() }
        let context = dispatcher.context
        let (lowered, imported) = try await define(dispatcher, progress, definition, rehearsal)
        let evaluation = BuildEvaluation(
            graph: lowered.graph,
            targets: lowered.targets + Self.epochSource(lowered),
            needsFiles: request.outputs.contains { $0.kind != .cacheonly },
            dispatcher: dispatcher,
            progress: progress,
            observer: recorder
        )
        let (outputs, caches) = try await evaluation.outputs(imported)
        try await request.spaceGuard(context.cache)?.check()
        let epoch = try await epoch(lowered, dispatcher, outputs)
        let entries = CacheEntries(
            graph: lowered.graph,
            keys: recorder.keys,
            targets: Set(lowered.targets),
            results: StoredResults(context, imported: caches)
        )
        let inline = request.cache.destinations.contains { $0.kind == .inline } ? entries : nil
        let platforms = Self.pair(lowered.results, outputs)
        let writer = OutputWriter(request: request, context: context, progress: progress, inlineCache: inline)
        let result = try await writer.write(platforms, isMultiPlatform: lowered.isMultiPlatform, epoch: epoch)
        try await CacheWriter(context: context, entries: entries, progress: progress)
            .write(request.cache.destinations)
        try await CacheMountExports(places: request.storage.exports, context: context, progress: progress).run()
        return result
    }

    /// Loads the Dockerfile, reads it while its vertex is at work, and lowers it; meanwhile it is rehearsed.
    private func lower(
        _ fetcher: ContextLoader.Fetcher,
        _ progress: ProgressStream,
        _ definition: BuildDefinition,
        _ rehearsal: Rehearsal?
    ) async throws -> LoweredBuild {
        let frontend = DockerfileFrontend(
            resolver: ReportingResolver(base: fetcher.context.images, progress: progress),
            onFinding: { definition.report($0) }
        )
        let requests = FrontendRequestBuilder(request: request)
        var read: Result<(FrontendRequest, ReadDefinition), any Error>?
        let loader = ContextLoader(request: request, fetcher: fetcher)
        _ = try await loader.load(progress) { loaded, vertex in
            definition.loaded(loaded.dockerfile, as: vertex)
            read = Result {
                let request = try requests.frontendRequest(loaded)
                return (request, try frontend.read(request))
            }
        }
        guard let (request, parsed) = try read?.get() else { throw CancellationError() }
        rehearsal?.begin(parsed, request)
        defer { rehearsal?.end() }
        return try await frontend.lower(parsed, request)
    }

    /// The platforms with the snapshots that the solver made for them.
    private static func pair(_ results: [PlatformResult], _ outputs: [BuildOutput]) -> [PlatformOutput] {
        var remaining = outputs[...]
        return results.map { result in
            let snapshot = result.root == nil ? nil : remaining.popFirst()?.snapshot
            return PlatformOutput(platform: result.platform, config: result.config, snapshot: snapshot ?? .empty)
        }
    }

    /// The vertex whose time the build takes for its own, if it does; solved last.
    private static func epochSource(_ lowered: LoweredBuild) -> [Digest] {
        if case .ofSource(let vertex) = lowered.sourceDateEpoch { [vertex] } else { [] }
    }

    private func epoch(
        _ lowered: LoweredBuild,
        _ dispatcher: OperationDispatcher,
        _ outputs: [BuildOutput]
    ) async throws -> Int64? {
        switch lowered.sourceDateEpoch {
        case nil: return nil
        case .fixed(let seconds): return seconds
        case .ofSource(let id):
            guard let vertex = lowered.graph[id], let output = outputs.last else { return nil }
            return try await dispatcher.time(of: vertex, output: output)
        }
    }

    /// Says where snapshots are, if not in the cache directory as overlays.
    private func tellOfSnapshots(_ note: String?, _ progress: ProgressStream) {
        guard let note else { return }
        let vertex = VertexProgress(sink: progress, name: "[internal] find a place for snapshots")
        vertex.start()
        vertex.warn(ProgressWarning(short: note))
        vertex.complete()
    }
}
