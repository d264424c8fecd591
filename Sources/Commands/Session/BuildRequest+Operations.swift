import LinuxSystem
import Operations
import Registry
import Storage

extension BuildRequest {
    /// Runs `body` with what operations work with; what serves the steps of a build ends afterwards.
    func withOperations<Result: Sendable>(
        _ start: EarlyStart,
        _ registry: RegistryClient,
        _ forecast: ImageForecast? = nil,
        _ body: (OperationContext) async throws -> Result
    ) async throws -> Result {
        let isolation = try start.isolation.get()
        let cache = try await start.cache
        let files = FileClient(environment: Process.variables)
        defer {
            files.shutdown()
            cache.snapshots.removeTrees()
        }
        return try await SSHAgents.with(agents(), in: cache) { agents in
            var context = OperationContext(
                cache: cache,
                registry: registry,
                forecast: forecast,
                files: files,
                spawner: isolation.spawner,
                identity: isolation.identity,
                locals: try locals(),
                secrets: SecretStore(secrets()),
                agents: agents
            )
            context.certificates = try certificates()
            context.volumes = CacheMountImports(storage.imports)
            return try await body(context)
        }
    }

    private func certificates() throws -> CertificateBundle? {
        guard let name = steps.certificates else { return nil }
        return try CertificateBundle(name == "host" ? .host : .path(Path(name)), environment: Process.variable)
    }

    private func locals() throws -> LocalDirectories {
        var paths: [String: Path] = [:]
        if case .directory(let path) = context { paths["context"] = Path(path) }
        for (name, value) in definition.contexts {
            if case .directory(let path) = try NamedContextValue(value) { paths[name] = Path(path) }
        }
        return LocalDirectories(paths)
    }

    private func secrets() -> [String: SecretStore.Source] {
        var sources: [String: SecretStore.Source] = [:]
        for secret in steps.secrets {
            switch secret.source {
            case .file(let path): sources[secret.id] = .file(Path(path))
            case .environment(let name): sources[secret.id] = .environment(name)
            }
        }
        return sources
    }

    private func agents() throws -> [String: SSHAgents.Source] {
        var sources: [String: SSHAgents.Source] = [:]
        for agent in steps.agents {
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
}
