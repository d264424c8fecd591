import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import OCI

/// Gets and keeps what the `Authorization` header needs, for each registry and scope.
actor Authenticator {
    private struct TokenKey: Hashable {
        let host: String
        let scopes: [TokenScope]
    }

    private struct Token {
        let header: Secret
        let expiry: ContinuousClock.Instant
    }

    private struct Answer: Decodable {
        let token: String?
        let accessToken: String?
        let expiresIn: Int?

        private enum CodingKeys: String, CodingKey {
            case token
            case accessToken = "access_token"
            case expiresIn = "expires_in"
        }
    }

    private let transport: Transport
    private let source: any CredentialSource
    private let onEvent: @Sendable (RegistryEvent) -> Void
    private var challenges: [String: AuthenticationChallenge] = [:]
    private var tokens: [TokenKey: Token] = [:]
    private var pending: [TokenKey: Task<Token, any Error>] = [:]

    init(transport: Transport, configuration: RegistryConfiguration) {
        self.transport = transport
        source = configuration.credentials
        onEvent = configuration.onEvent
    }

    /// Returns the header's value for a registry that asked for one before, else `nil`.
    func authorization(_ access: Access) async throws -> Secret? {
        guard let challenge = challenges[access.endpoint.host] else { return nil }
        return try await header(for: challenge, access)
    }

    /// Answers a refusal: returns another header's value than the one that was refused, `nil` if there is none.
    func authorization(
        _ access: Access,
        after offered: [AuthenticationChallenge],
        refused: Secret?
    ) async throws -> Secret? {
        let known = ["bearer", "basic"].lazy.compactMap { scheme in offered.first { $0.scheme == scheme } }
        guard let challenge = known.first else { return nil }
        challenges[access.endpoint.host] = challenge
        let key = TokenKey(host: access.endpoint.host, scopes: access.scopes)
        if let token = tokens[key], token.header == refused {
            tokens[key] = nil
        }
        let header = try await header(for: challenge, access)
        return header == refused ? nil : header
    }

    private func header(for challenge: AuthenticationChallenge, _ access: Access) async throws -> Secret? {
        if challenge.scheme == "basic" {
            guard case .password(let user, let password)? = try await source.credentials(for: access.domain) else {
                return nil
            }
            return Self.basic(user, password)
        }
        let key = TokenKey(host: access.endpoint.host, scopes: access.scopes)
        if let token = tokens[key], token.expiry > .now {
            return token.header
        }
        // Several requests wait for one token; it is nobody's child, so that no one's cancellation fails the others.
        let task = pending[key] ?? Task { try await fetch(challenge, access) }
        pending[key] = task
        defer { pending[key] = nil }
        let token = try await task.value
        tokens[key] = token
        return token.header
    }

    private static func basic(_ user: String, _ password: Secret) -> Secret {
        Secret("Basic " + Data("\(user):\(password.text)".utf8).base64EncodedString())
    }

    private func fetch(_ challenge: AuthenticationChallenge, _ access: Access) async throws -> Token {
        let shown = TokenRequest(
            scope: access.scopes.map(\.shortForm).joined(separator: " "),
            registry: access.endpoint.host
        )
        onEvent(.tokenRequested(shown))
        do {
            let token = try await request(challenge, access)
            onEvent(.tokenAnswered(shown, succeeded: true))
            return token
        } catch {
            onEvent(.tokenAnswered(shown, succeeded: false))
            throw error
        }
    }

    private func request(_ challenge: AuthenticationChallenge, _ access: Access) async throws -> Token {
        let credentials = try await source.credentials(for: access.domain)
        let request = try Self.tokenRequest(challenge, access, credentials)
        let response = try await transport.send(request)
        let body = try await collect(response, limit: 1 << 20, subject: "token", registry: access.endpoint.host)
        guard response.status == .ok else {
            let reason = serverMessage(body) ?? "the token service answered \(response.status.code)"
            if [400, 401, 403].contains(response.status.code) {
                throw RegistryError.unauthorized(subject: access.subject, registry: access.domain, reason: reason)
            }
            if response.status == .tooManyRequests {
                let wait = retryAfter(response.headers)
                throw RegistryError.rateLimited(registry: access.domain, retryAfter: wait, reason: reason)
            }
            let status = Int(response.status.code)
            throw RegistryError.unexpectedStatus(subject: "token service", status: status, reason: reason)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)),
            let text = [answer.token, answer.accessToken].lazy.compactMap(\.self).first(where: { !$0.isEmpty }),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw RegistryError.invalidResponse(subject: "token service", reason: "no token") }
        // The specification's default is 60 seconds; a little is kept for the way.
        let seconds = min(max(answer.expiresIn ?? 60, 60), 86_400) - 10
        return Token(header: Secret("Bearer " + text), expiry: .now + .seconds(seconds))
    }

    private static func tokenRequest(
        _ challenge: AuthenticationChallenge,
        _ access: Access,
        _ credentials: Credentials?
    ) throws -> WireRequest {
        let host = access.endpoint.host
        guard let realm = challenge.parameters["realm"], let url = URL(string: realm), let name = url.host(),
            url.scheme == "https"
                || (url.scheme == "http" && (access.endpoint.scheme == "http" || isLoopback(host: name)))
        else { throw RegistryError.invalidResponse(subject: host, reason: "unusable token service") }
        var fields = challenge.parameters["service"].map { [("service", $0)] } ?? []
        var request = WireRequest(method: .GET, url: realm, verify: access.endpoint.verify, registry: name)
        if case .identityToken(let token)? = credentials {
            fields += [("scope", access.scopes.map(\.queryForm).joined(separator: " "))]
            fields += [
                ("client_id", "swbuild"), ("grant_type", "refresh_token"), ("refresh_token", token.text),
            ]
            let form = formEncoded(fields)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = { .bytes(ByteBuffer(string: form)) }
            return request
        }
        fields += access.scopes.map { ("scope", $0.queryForm) }
        if case .password(let user, let password)? = credentials {
            request.authorization = basic(user, password)
        }
        request.url += (realm.contains("?") ? "&" : "?") + formEncoded(fields)
        return request
    }
}

/// What a request wants of a registry.
struct Access: Sendable {
    /// The domain under which credentials are kept.
    let domain: String
    var endpoint: Endpoint
    let scopes: [TokenScope]
    /// What the request is about, in messages.
    let subject: String
}

/// Encodes fields as a query or a form, escaping all but unreserved characters.
func formEncoded(_ fields: [(String, String)]) -> String {
    fields.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
}

private func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            output.append(byte)
        default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: output, as: UTF8.self)
}
