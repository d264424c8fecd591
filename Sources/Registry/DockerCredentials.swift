import FoundationEssentials
import LinuxSystem

/// The credentials of docker's `config.json`, and of the helper programs that it names.
package struct DockerCredentials: CredentialSource {
    private struct Document: Decodable {
        let auths: [String: Entry]?
        let credHelpers: [String: String]?
        let credsStore: String?
    }

    private struct Entry: Decodable {
        let auth: String?
        let username: String?
        let password: String?
        let identitytoken: String?
    }

    private let path: String
    private let environment: [String]

    /// Reads `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`, each time that it is asked.
    package init(environment: [String: String]) {
        let directory = environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        path = (directory ?? (environment["HOME"] ?? "/root") + "/.docker") + "/config.json"
        self.environment = environment.map { "\($0.key)=\($0.value)" }
    }

    package func credentials(for domain: String) async throws -> Credentials? {
        guard let document = try await load() else { return nil }
        let server = domain == "docker.io" ? "https://index.docker.io/v1/" : domain
        if let name = document.credHelpers?[server] ?? document.credHelpers?[domain] ?? document.credsStore,
            !name.isEmpty
        {
            let helper = CredentialHelper(name: name, environment: environment)
            if let found = try await helper.credentials(for: server) {
                return found
            }
        }
        let entries = document.auths ?? [:]
        let entry = entries[server] ?? entries.first { Self.host(of: $0.key) == domain }?.value
        return try entry.flatMap { try credentials(of: $0, domain) }
    }

    private func load() async throws -> Document? {
        let path = Path(path)
        let bytes = try await BlockingThread.run("docker config") { _ in
            do {
                return try FileDescriptor.open(path).readAll(limit: 4 << 20)
            } catch let error as SystemError where error.isNotFound {
                return []
            }
        }
        guard !bytes.isEmpty else { return nil }
        do {
            return try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch {
            // What the decoder says may hold a piece of the file.
            throw RegistryError.credentials(source: self.path, reason: "not a docker configuration")
        }
    }

    private func credentials(of entry: Entry, _ domain: String) throws -> Credentials? {
        if let token = entry.identitytoken, !token.isEmpty {
            return .identityToken(Secret(token))
        }
        if let auth = entry.auth, !auth.isEmpty {
            guard let data = Data(base64Encoded: auth), let colon = data.firstIndex(of: UInt8(ascii: ":")) else {
                throw RegistryError.credentials(source: path, reason: "invalid `auth` of `\(domain)`")
            }
            let user = String(decoding: data[..<colon], as: UTF8.self)
            let password = data[data.index(after: colon)...].filter { $0 != 0 }
            return .password(user: user, password: Secret(String(decoding: password, as: UTF8.self)))
        }
        guard let user = entry.username, let password = entry.password, !user.isEmpty else { return nil }
        return .password(user: user, password: Secret(password))
    }

    /// Reduces a key such as `https://ghcr.io/v1/` to its host, as docker does.
    private static func host(of key: String) -> String {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        let host = rest.prefix { $0 != "/" }
        return ["index.docker.io", "registry-1.docker.io"].contains(host) ? "docker.io" : String(host)
    }
}
