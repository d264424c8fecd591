import LinuxSystem

/// How a client reaches registries.
package struct RegistryConfiguration: Sendable {
    /// Who knows the credentials.
    package var credentials: any CredentialSource
    /// Where `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are looked up.
    package var environment: [String: String]
    /// Registries (`host` or `host:port`) that speak plain HTTP.
    package var plainHTTP: Set<String> = []
    /// Registries whose certificate is not verified, and which may speak plain HTTP.
    package var insecure: Set<String> = []
    /// How often something is tried in all.
    package var tries = 3
    /// The wait before the second try; it doubles with each.
    package var retryDelay: Duration = .milliseconds(500)
    /// The longest wait that a registry may ask for before it is an error.
    package var longestWait: Duration = .seconds(60)
    /// Called with what happens, on any thread; must not block.
    package var onEvent: @Sendable (RegistryEvent) -> Void = { _ in }

    /// Reaches registries anonymously, unless credentials are given.
    package init(credentials: any CredentialSource = GivenCredentials(), environment: [String: String] = [:]) {
        self.credentials = credentials
        self.environment = environment
    }

    /// Reaches registries as this process's environment and docker's configuration say.
    package static func standard() -> RegistryConfiguration {
        let environment = Process.variables
        return RegistryConfiguration(credentials: DockerCredentials(environment: environment), environment: environment)
    }
}
