import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OCI

/// Speaks the distribution API (OCI distribution-spec 1.1) with registries.
///
/// One client serves a whole build: it keeps connections, tokens and what it learned about registries.
package final class RegistryClient: Sendable {
    /// The largest manifest or configuration that is read.
    package static let documentLimit = 4 << 20

    let configuration: RegistryConfiguration
    let transport: Transport
    /// Where tasks run that only ask; nil for no preference.
    package let executor: (any TaskExecutor)?
    private let authenticator: Authenticator
    private let endpoints: Endpoints

    /// Makes a client, which asks on `thread`, if there is one; nothing is opened before the first request.
    package init(_ configuration: RegistryConfiguration, on thread: NetworkThread? = nil) {
        self.configuration = configuration
        executor = thread
        transport = Transport(environment: configuration.environment, on: thread)
        authenticator = Authenticator(transport: transport, configuration: configuration)
        endpoints = Endpoints(configuration)
    }

    /// Begins to close all connections; must be called before the client goes away, and may be called twice.
    package func shutdown() {
        transport.shutdown()
    }

    /// Runs `body` with a client that is shut down afterwards, whatever happens.
    @discardableResult
    package static func with<Result: Sendable>(
        _ configuration: RegistryConfiguration,
        _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        let client = RegistryClient(configuration)
        defer { client.shutdown() }
        return try await body(client)
    }

    /// Sends a call, with authorization, retries after broken connections and server errors, and waits when told so.
    func send(_ call: Call) async throws -> HTTPClientResponse {
        var access = Access(
            domain: call.domain,
            endpoint: endpoints.endpoint(host: call.host),
            scopes: call.scopes,
            subject: call.subject
        )
        var attempt = 0
        while true {
            attempt += 1
            do {
                let response = try await sendAuthorized(call, access)
                guard let wait = try await delay(after: response, call, attempt) else {
                    guard let other = try await otherScheme(response, access) else { return response }
                    access.endpoint = other
                    continue
                }
                try await Task.sleep(for: wait)
            } catch let error as RegistryError {
                if isConnectionFailure(error), let other = endpoints.alternative(to: access.endpoint),
                    access.endpoint.scheme == "https"
                {
                    access.endpoint = other
                    continue
                }
                guard error.isTransient, call.isRepeatable, attempt < configuration.tries else { throw error }
                try await pause(before: attempt + 1, subject: call.subject, reason: "\(error)")
            }
        }
    }

    /// Waits before the given try, and tells why.
    func pause(before attempt: Int, subject: String, reason: String) async throws {
        configuration.onEvent(.retrying(subject: subject, reason: reason))
        try await Task.sleep(for: configuration.retryDelay * (1 << max(0, attempt - 2)))
    }

    /// Throws the error that an unwelcome answer stands for; its body must not have been read.
    func fail(_ call: Call, _ response: HTTPClientResponse) async throws -> Never {
        let body = try? await collect(response, limit: 64 << 10, subject: call.subject, registry: call.host)
        let reason = body.flatMap(serverMessage)
        switch response.status.code {
        case 401, 403:
            throw RegistryError.unauthorized(
                subject: call.subject,
                registry: call.domain,
                reason: call.denial + (reason.map { ": server message: \($0)" } ?? "")
            )
        case 404: throw RegistryError.notFound(call.subject)
        case 429:
            throw RegistryError.rateLimited(
                registry: call.domain,
                retryAfter: retryAfter(response.headers),
                reason: reason ?? "too many requests"
            )
        default:
            throw RegistryError.unexpectedStatus(
                subject: call.subject,
                status: Int(response.status.code),
                reason: reason ?? ""
            )
        }
    }

    private func sendAuthorized(_ call: Call, _ access: Access) async throws -> HTTPClientResponse {
        var request = WireRequest(
            method: call.method,
            url: call.url(at: access.endpoint),
            headers: call.headers,
            body: call.body,
            verify: access.endpoint.verify,
            registry: access.endpoint.host
        )
        let isOurs = try call.isWithin(access.endpoint)
        request.authorization = isOurs ? try await authenticator.authorization(access) : nil
        let response = try await transport.send(request)
        guard response.status == .unauthorized, isOurs else { return response }
        let challenges = response.headers["WWW-Authenticate"].flatMap(AuthenticationChallenge.parse)
        let another = try await authenticator.authorization(
            access,
            after: challenges,
            refused: request.authorization
        )
        guard let another else { return response }
        await drain(response)
        request.authorization = another
        return try await transport.send(request)
    }

    /// Returns how long to wait before a repetition, `nil` if the answer is to be used.
    private func delay(after response: HTTPClientResponse, _ call: Call, _ attempt: Int) async throws -> Duration? {
        guard attempt < configuration.tries, call.isRepeatable else { return nil }
        switch response.status.code {
        case 429:
            let asked = retryAfter(response.headers).map { Duration.seconds($0) }
            let wait = asked ?? configuration.retryDelay * (1 << attempt)
            guard wait <= configuration.longestWait else { return nil }
            await drain(response)
            configuration.onEvent(.waiting(registry: call.domain, seconds: Int(wait.components.seconds)))
            return wait
        case 408, 500, 502, 503, 504:
            await drain(response)
            configuration.onEvent(.retrying(subject: call.subject, reason: "status \(response.status.code)"))
            return configuration.retryDelay * (1 << (attempt - 1))
        default:
            return nil
        }
    }

    /// A loopback registry may want TLS after all: servers say so with status 400.
    private func otherScheme(_ response: HTTPClientResponse, _ access: Access) async throws -> Endpoint? {
        guard response.status == .badRequest, access.endpoint.scheme == "http",
            response.headers.first(name: "Docker-Distribution-Api-Version") == nil,
            response.headers.first(name: "Content-Type")?.hasPrefix("application/json") != true
        else { return nil }
        guard let other = endpoints.alternative(to: access.endpoint) else { return nil }
        await drain(response)
        return other
    }

    private func isConnectionFailure(_ error: RegistryError) -> Bool {
        switch error {
        case .tls, .unreachable: true
        default: false
        }
    }
}
