import FoundationEssentials
import LinuxSystem

/// A program `docker-credential-NAME`, which keeps credentials.
struct CredentialHelper {
    private struct Answer: Decodable {
        let username: String?
        let secret: String?

        private enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    let name: String
    let environment: [String]

    private var program: String { "docker-credential-\(name)" }

    /// Asks the program for a server's credentials; `nil` if it has none.
    func credentials(for server: String) async throws -> Credentials? {
        guard !name.utf8.contains(UInt8(ascii: "/")) else {
            throw RegistryError.credentials(source: program, reason: "the name of a helper holds no `/`")
        }
        let request = Process.Request(
            program,
            ["get"],
            environment: environment,
            input: .bytes(Array(server.utf8)),
            output: .whole(limit: 1 << 20)
        )
        let outcome = try await run(request)
        guard outcome.status.isSuccess else {
            let text = String(decoding: outcome.output, as: UTF8.self)
            if text.contains("credentials not found") {
                return nil
            }
            throw RegistryError.credentials(source: program, reason: outcome.status.description)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(outcome.output)),
            let user = answer.username, let secret = answer.secret
        else {
            throw RegistryError.credentials(source: program, reason: "its answer is not understood")
        }
        if user.isEmpty || secret.isEmpty {
            return nil
        }
        return user == "<token>" ? .identityToken(Secret(secret)) : .password(user: user, password: Secret(secret))
    }

    private func run(_ request: Process.Request) async throws -> Process.Outcome {
        do {
            return try await Process.run(request)
        } catch let error as ProcessError {
            switch error {
            case .notFound: throw RegistryError.credentials(source: program, reason: "not found in `PATH`")
            case .tooMuchOutput: throw RegistryError.credentials(source: program, reason: "it wrote too much")
            }
        }
    }
}
