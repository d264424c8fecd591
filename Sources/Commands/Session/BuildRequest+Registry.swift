import LinuxSystem
import OCI
import Registry

extension BuildRequest {
    /// How registries are reached: credentials, proxies and mirrors of the environment, and those that an output says are
    /// not secure.
    var registryConfiguration: RegistryConfiguration {
        var configuration = RegistryConfiguration(
            credentials: DockerCredentials(environment: Process.variables),
            environment: Process.variables
        )
        configuration.insecure = insecureRegistries
        return configuration
    }

    private var insecureRegistries: Set<String> {
        let insecure = outputs.filter(\.image.insecureRegistry)
        let names = insecure.flatMap(\.image.names).compactMap { try? ImageReference(parsing: $0) }
        return Set((names + (insecure.isEmpty ? [] : tags)).map(\.registryHost))
    }
}
