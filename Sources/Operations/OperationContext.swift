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

    package init(
        cache: CacheDirectory,
        registry: RegistryClient,
        files: FileClient,
        spawner: LazySpawner,
        identity: UserNamespace.Identity,
        locals: LocalDirectories,
        secrets: SecretStore,
        agents: SSHAgents
    ) {
        self.cache = cache
        self.registry = registry
        images = ImageCatalog(cache: cache, registry: registry)
        self.spawner = spawner
        emulators = Emulators(identity, spawner: spawner)
        self.identity = identity
        self.locals = locals
        self.secrets = secrets
        self.agents = agents
        let scope = Self.scope(of: identity)
        repositories = GitContexts(cache: cache, secrets: secrets, agents: agents, scope: scope)
        self.files = HTTPFiles(
            cache: cache,
            client: files,
            secrets: secrets,
            scope: scope,
            toleratesOwners: identity.hasOneOwner
        )
    }

    /// Whether files can have only one owner, so that others are let go.
    var toleratesOwners: Bool { identity.hasOneOwner }

    /// A word for what differs between the results of this identity and of others that share the cache directory: owners
    /// that were let go, and the names of overlay's marks.
    var scope: String { Self.scope(of: identity) }

    private static func scope(of identity: UserNamespace.Identity) -> String {
        switch identity.kind {
        case .initial: "initial"
        case .range: "range"
        case .single: "single"
        case .container: "container"
        case .none: "none"
        }
    }
}
