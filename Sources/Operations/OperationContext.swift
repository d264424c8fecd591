import LinuxSystem
import Registry
import Sandbox
import Storage

/// What operations work with: the parts of one build that live as long as it.
package struct OperationContext: Sendable {
    package let cache: CacheDirectory
    package let registry: RegistryClient
    package let images: ImageCatalog
    package let files: HTTPFiles
    package let repositories: GitContexts
    package let spawner: LazySpawner
    package let emulators: Emulators
    package let identity: UserNamespace.Identity
    package let locals: LocalDirectories
    package let secrets: SecretStore
    package let agents: SSHAgents
    /// Cache mounts that come from elsewhere.
    package var volumes = CacheMountImports()
    /// What steps trust besides what their image does; nil for nothing.
    package var certificates: CertificateBundle?

    package init(
        cache: CacheDirectory,
        registry: RegistryClient,
        forecast: ImageForecast? = nil,
        files: FileClient,
        spawner: LazySpawner,
        identity: UserNamespace.Identity,
        locals: LocalDirectories,
        secrets: SecretStore,
        agents: SSHAgents
    ) {
        self.cache = cache
        self.registry = registry
        images = ImageCatalog(cache: cache, registry: registry, forecast: forecast)
        self.spawner = spawner
        emulators = Emulators(identity, spawner: spawner)
        self.identity = identity
        self.locals = locals
        self.secrets = secrets
        self.agents = agents
        let scope = Self.scope(of: identity, cache.snapshots.kind)
        repositories = GitContexts(cache: cache, secrets: secrets, agents: agents, scope: scope)
        self.files = HTTPFiles(
            cache: cache,
            client: files,
            secrets: secrets,
            scope: scope
        )
    }

    /// A word for what differs between the results of this identity and of others that share the cache directory: where
    /// owners are, and how layers mark what they delete.
    package var scope: String { Self.scope(of: identity, cache.snapshots.kind) }

    /// The word for an identity and how its snapshots become trees.
    package static func scope(of identity: UserNamespace.Identity, _ snapshots: SnapshotKind) -> String {
        let owners =
            switch identity.kind {
            case .initial: "initial"
            case .range: "range with devices"
            case .container: "container with devices"
            case .single, .none: "ledger"
            }
        return snapshots == .plain ? "\(owners) plain" : owners
    }
}
