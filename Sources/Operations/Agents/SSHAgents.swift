import LinuxSystem
import Storage

/// The SSH agents of a build, by id (`--ssh`); those for keys are started when first used.
package actor SSHAgents {
    /// What stands behind an id.
    package enum Source: Hashable, Sendable {
        /// An agent that runs already.
        case socket(Path)
        /// Files with private keys.
        case keys([Path])
    }

    private let sources: [String: Source]
    private let cache: CacheDirectory
    private var started: [String: Task<KeyAgent, any Error>] = [:]

    private init(_ sources: [String: Source], _ cache: CacheDirectory) {
        self.sources = sources
        self.cache = cache
    }

    /// Runs `body` with the agents, and ends those that were started for it.
    package static func with<Result: Sendable>(
        _ sources: [String: Source],
        in cache: CacheDirectory,
        _ body: (SSHAgents) async throws -> Result
    ) async throws -> Result {
        let agents = SSHAgents(sources, cache)
        do {
            let result = try await body(agents)
            await agents.stop()
            return result
        } catch {
            await agents.stop()
            throw error
        }
    }

    /// The agent `id`; nil where the build has none of that name.
    func socket(_ id: String) async throws -> AgentSocket? {
        switch sources[id] {
        case nil: return nil
        case .socket(let path): return AgentSocket(path)
        case .keys(let keys):
            let cache = cache
            let task = started[id] ?? Task { try await KeyAgent.start(keys, in: cache) }
            started[id] = task
            return try await task.value.socket
        }
    }

    private func stop() async {
        for task in started.values { try? await task.value.stop() }
        started = [:]
    }
}
