import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

/// One request, in a form that can be sent again.
struct WireRequest: Sendable {
    var method: HTTPMethod
    var url: String
    var headers: HTTPHeaders = [:]
    /// The value of the `Authorization` header, which never follows to another host.
    var authorization: Secret?
    /// Makes the body, anew for each try.
    var body: (@Sendable () -> HTTPClientRequest.Body)?
    /// Whether the server's certificate must be trusted.
    var verify = true
    /// The name of the registry, or of the file that is fetched, in messages.
    var registry: String
}

/// Sends requests: chooses the proxy, follows redirects, and turns errors into ours.
final class Transport: Sendable {
    private struct ClientKey: Hashable {
        let proxy: ProxySettings.Server?
        let security: Security
        /// Whether it is for requests whose answers have no body.
        let isAsking: Bool
    }

    /// How far the other side is known; certificates are read only where they are looked at.
    private enum Security {
        case plain
        case unverified
        case verified
    }

    private enum State {
        case open([ClientKey: HTTPClient])
        case closed
    }

    private let proxies: ProxySettings
    private let trust: TrustRoots
    private let thread: NetworkThread?
    private let state = Mutex<State>(.open([:]))

    /// Asks on `thread`, if there is one; what has a body goes over the threads that all share, for one is not enough.
    init(environment: [String: String], on thread: NetworkThread? = nil) {
        self.thread = thread
        proxies = ProxySettings(environment: environment)
        trust = TrustRoots(environment: environment)
    }

    deinit { shutdown() }

    /// Begins to close all connections; what is sent afterwards fails.
    ///
    /// Nobody waits for it: a process that ends closes them too.
    func shutdown() {
        let clients = state.withLock { state in
            defer { state = .closed }
            return if case .open(let clients) = state { Array(clients.values) } else { [HTTPClient]() }
        }
        for client in clients {
            // It only fails for a client that was shut down before.
            Task.detached { try? await client.shutdown() }
        }
    }

    /// Sends a request and returns the answer's head with its unread body; follows up to ten redirects.
    func send(_ request: WireRequest) async throws -> HTTPClientResponse {
        var request = request
        for _ in 0...10 {
            let response = try await sendOnce(request)
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "Location")
            else { return response }
            await drain(response)
            try redirect(&request, to: location, seeOther: response.status.code == 303)
        }
        throw RegistryError.invalidResponse(subject: request.registry, reason: "too many redirects")
    }

    private func sendOnce(_ request: WireRequest) async throws -> HTTPClientResponse {
        guard let url = URL(string: request.url), let scheme = url.scheme, let host = url.host() else {
            throw RegistryError.invalidResponse(subject: request.registry, reason: "invalid URL")
        }
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        let proxy = proxies.server(scheme: scheme, host: host, port: port)
        let security: Security = scheme != "https" ? .plain : request.verify ? .verified : .unverified
        let key = ClientKey(proxy: proxy, security: security, isAsking: thread != nil && request.method == .HEAD)
        let client = try client(for: key)
        var wire = HTTPClientRequest(url: request.url)
        wire.method = request.method
        wire.headers = request.headers
        if !wire.headers.contains(name: "User-Agent") { wire.headers.add(name: "User-Agent", value: "swbuild") }
        if let authorization = request.authorization {
            wire.headers.replaceOrAdd(name: "Authorization", value: authorization.text)
        }
        wire.body = request.body?()
        // An upload is answered when all of it was sent and checked: only silence is limited there.
        let deadline: NIODeadline = request.body == nil ? .now() + .seconds(120) : .distantFuture
        do {
            return try await client.execute(wire, deadline: deadline)
        } catch {
            throw translate(error, registry: request.registry)
        }
    }

    private func redirect(_ request: inout WireRequest, to location: String, seeOther: Bool) throws {
        guard let old = URL(string: request.url), let new = URL(string: location, relativeTo: old)?.absoluteURL,
            let scheme = new.scheme, scheme == "https" || scheme == old.scheme, let host = new.host(), !host.isEmpty
        else { throw RegistryError.invalidResponse(subject: request.registry, reason: "redirect to an unusable place") }
        request.url = new.absoluteString
        if !isSameOrigin(old, new) {
            request.authorization = nil
            // Whoever is redirected to is not the registry whose certificate need not be checked.
            request.verify = true
        }
        if seeOther, request.method != .HEAD {
            request.method = .GET
            request.body = nil
        }
    }

    private func client(for key: ClientKey) throws -> HTTPClient {
        try state.withLock { state in
            guard case .open(var clients) = state else { throw CancellationError() }
            if let client = clients[key] {
                return client
            }
            let group = key.isAsking ? thread?.loop : nil
            let client = HTTPClient(
                eventLoopGroup: group ?? HTTPClient.defaultEventLoopGroup,
                configuration: try configuration(for: key)
            )
            clients[key] = client
            state = .open(clients)
            return client
        }
    }

    private func configuration(for key: ClientKey) throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: key.security == .plain
                ? nil : try trust.configuration(verify: key.security == .verified),
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(30), read: .seconds(120))
        )
        configuration.proxy = try key.proxy?.configuration()
        // One HTTP/2 connection's window is too small for a fast network that is far away.
        configuration.httpVersion = .http1Only
        // The library would hide a refused connection behind its own retries.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}

/// Whether two URLs lead to the same server, so that what is secret for one may be told to the other.
func isSameOrigin(_ left: URL, _ right: URL) -> Bool {
    func port(_ url: URL) -> Int? { url.port ?? (url.scheme == "https" ? 443 : 80) }
    return left.scheme == right.scheme && left.host()?.lowercased() == right.host()?.lowercased()
        && port(left) == port(right)
}

/// Reads a short answer that nobody wants, so that its connection can be used again.
func drain(_ response: HTTPClientResponse) async {
    _ = try? await response.body.collect(upTo: 64 << 10)
}
