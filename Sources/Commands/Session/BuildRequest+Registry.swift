import LinuxSystem
import OCI
import Registry

extension BuildRequest {
    /// What reaches the registries of this build: `early`, which knows the environment, unless an output says that some are
    /// not secure.
    func registry(_ early: RegistryClient) -> RegistryClient {
        insecureRegistries.isEmpty ? early : RegistryClient(registryConfiguration)
    }

    /// How registries are reached: credentials, proxies and mirrors of the environment, and those that an output says are
    /// not secure.
    var registryConfiguration: RegistryConfiguration {
        var configuration = RegistryConfiguration.standard()
        configuration.insecure = insecureRegistries
        return configuration
    }

    private var insecureCaches: [String] {
        var names: [ImageReference] = []
        for source in cache.sources where source.isInsecure {
            if case .registry(let name) = source.location { names.append(name) }
        }
        for destination in cache.destinations where destination.isInsecure {
            if case .registry(let name) = destination.kind { names.append(name) }
        }
        return names.map(\.registryHost)
    }

    private var insecureRegistries: Set<String> {
        let insecure = outputs.filter(\.image.insecureRegistry)
        let names = insecure.flatMap(\.image.names).compactMap { try? ImageReference(parsing: $0) }
        return Set((names + (insecure.isEmpty ? [] : tags)).map(\.registryHost)).union(insecureCaches)
    }
}
