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

    /// Goes the way; `remember` is called with the Dockerfile once it is read, for error messages.
    func run(_ progress: ProgressStream, _ remember: (SourceFile) -> Void) async throws -> BuildResult {
        var configuration = RegistryConfiguration(
            credentials: DockerCredentials(environment: Process.variables),
            environment: Process.variables
        )
        configuration.insecure = insecureRegistries()
        return try await RegistryClient.with(configuration) { registry in
            let cache = try await start.cache
            let files = FileClient(environment: Process.variables)
            defer { files.shutdown() }
            let result = try await SSHAgents.with(agents(), in: cache) { agents in
                let context = OperationContext(
                    cache: cache,
                    registry: registry,
                    files: files,
                    spawner: isolation.spawner,
                    identity: isolation.identity,
                    locals: try locals(),
                    secrets: SecretStore(secrets()),
                    agents: agents
                )
                return try await build(context, progress, remember)
            }
            try cache.finish()
            return result
        }
    }

    private func build(
        _ context: OperationContext,
        _ progress: ProgressStream,
        _ remember: (SourceFile) -> Void
    ) async throws -> BuildResult {
        warnOfSingleID(progress)
        let dispatcher = OperationDispatcher(context)
        defer { dispatcher.finish() }
        let results = StoredResults(context.cache.results)
        let archives = ArchiveSolver(dispatcher: dispatcher, results: results, progress: progress)
        let loader = ContextLoader(request: request, context: context, archives: archives)
        let loaded = try await loader.load(progress)
        remember(loaded.dockerfile)
        let resolver = ReportingResolver(base: context.images, progress: progress)
        let lowered = try await DockerfileFrontend(resolver: resolver).lower(frontendRequest(loaded))
        let solver = Solver(
            graph: lowered.graph,
            runner: dispatcher,
            store: results,
            progress: progress,
            parallelism: max(4, onlineProcessors)
        )
        let outputs = try await solver.solve(lowered.targets + Self.epochSource(lowered))
        let epoch = try await epoch(lowered, dispatcher, outputs)
        let platforms = Self.pair(lowered.results, outputs)
        let writer = OutputWriter(request: request, context: context, progress: progress)
        var result = try await writer.write(platforms, isMultiPlatform: lowered.isMultiPlatform, epoch: epoch)
        result.findings = lowered.warnings
        return result
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

    private func locals() throws -> LocalDirectories {
        var paths: [String: Path] = [:]
        if case .directory(let path) = request.context { paths["context"] = Path(path) }
        for (name, value) in request.definition.contexts {
            if case .directory(let path) = try NamedContextValue(value) { paths[name] = Path(path) }
        }
        return LocalDirectories(paths)
    }

    private func secrets() -> [String: SecretStore.Source] {
        var sources: [String: SecretStore.Source] = [:]
        for secret in request.steps.secrets {
            switch secret.source {
            case .file(let path): sources[secret.id] = .file(Path(path))
            case .environment(let name): sources[secret.id] = .environment(name)
            }
        }
        return sources
    }

    private func agents() throws -> [String: SSHAgents.Source] {
        var sources: [String: SSHAgents.Source] = [:]
        for agent in request.steps.agents {
            // Git, which may use them, works elsewhere.
            let here = try Directory.open(".").currentPath()
            let paths = agent.paths.map { $0.hasPrefix("/") ? Path($0) : here.appending($0) }
            switch try agent.source() {
            case .socket: sources[agent.id] = paths.first.map { .socket($0) }
            case .keys: sources[agent.id] = .keys(paths)
            }
        }
        return sources
    }

    private func insecureRegistries() -> Set<String> {
        let outputs = request.outputs.filter(\.image.insecureRegistry)
        let names = outputs.flatMap(\.image.names).compactMap { try? ImageReference(parsing: $0) }
        return Set((names + (outputs.isEmpty ? [] : request.tags)).map(\.registryHost))
    }

    private func warnOfSingleID(_ progress: ProgressStream) {
        guard isolation.hasSingleID else { return }
        let reason = isolation.identity.note.map { " (\($0))" } ?? ""
        let warning = ProgressWarning(
            short: "only one id is mapped here, so files cannot have other owners\(reason); "
                + "give this user a range in /etc/subuid and /etc/subgid and install newuidmap"
        )
        let vertex = VertexProgress(sink: progress, name: "[internal] enter user namespace")
        vertex.start()
        vertex.warn(warning)
        vertex.complete()
    }
}
