import AsyncHTTPClient
import FoundationEssentials
import NIOHTTP1
import OCI

/// One call of the API.
struct Call: Sendable {
    var method: HTTPMethod
    /// The domain of the reference, under which credentials are kept.
    let domain: String
    /// The host to connect to, with an optional port.
    let host: String
    /// Below `/v2/`; or a complete URL, where the registry gave one.
    var path: String
    var scopes: [TokenScope]
    var headers: HTTPHeaders = [:]
    var body: (@Sendable () -> HTTPClientRequest.Body)?
    /// What the call is about, in messages.
    var subject: String
    /// Whether sending it twice does no harm.
    var isRepeatable = true

    /// A call about a repository, with the right to pull.
    init(_ method: HTTPMethod, _ reference: ImageReference, _ path: String, subject: String) {
        self.method = method
        domain = reference.domain
        host = reference.registryHost
        self.path = "\(reference.repository)/\(path)"
        scopes = [.pull(reference.repository)]
        self.subject = subject
    }

    /// Returns the URL at an endpoint.
    func url(at endpoint: Endpoint) -> String {
        path.contains("://") ? path : endpoint.baseURL + path
    }

    /// Whether the call goes to the registry itself, which alone may see its credentials.
    func isWithin(_ endpoint: Endpoint) throws(RegistryError) -> Bool {
        guard let url = URL(string: url(at: endpoint)), let base = URL(string: endpoint.baseURL) else {
            throw .invalidResponse(subject: subject, reason: "invalid URL")
        }
        return isSameOrigin(url, base)
    }

    /// What a refusal most likely means.
    var denial: String {
        let verb = scopes.contains { $0.actions.contains("push") } ? "push" : "pull"
        return "\(verb) access denied, repository does not exist or may require authorization"
    }
}
