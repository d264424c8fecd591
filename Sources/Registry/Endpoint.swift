import OCI
import Synchronization

/// Where a registry's API is.
struct Endpoint: Hashable, Sendable {
    var scheme: String
    /// The host with an optional port.
    let host: String
    /// Whether the server's certificate must be trusted.
    let verify: Bool

    var baseURL: String { "\(scheme)://\(host)/v2/" }
}

/// Decides between HTTPS and plain HTTP, and remembers what worked.
final class Endpoints: Sendable {
    private let plainHTTP: Set<String>
    private let insecure: Set<String>
    private let learned = Mutex<[String: String]>([:])

    init(_ configuration: RegistryConfiguration) {
        plainHTTP = configuration.plainHTTP
        insecure = configuration.insecure
    }

    /// Returns where to go first: loopback registries speak plain HTTP unless they said otherwise.
    func endpoint(host: String) -> Endpoint {
        let known = learned.withLock { $0[host] }
        let isPlain = plainHTTP.contains(host) || (!insecure.contains(host) && isLoopback(host: Self.name(of: host)))
        return Endpoint(scheme: known ?? (isPlain ? "http" : "https"), host: host, verify: !insecure.contains(host))
    }

    /// Returns where to go after a failure of the first scheme, `nil` if there is no other way.
    func alternative(to endpoint: Endpoint) -> Endpoint? {
        guard learned.withLock({ $0[endpoint.host] }) == nil else { return nil }
        var other = endpoint
        if endpoint.scheme == "http", !plainHTTP.contains(endpoint.host) {
            other.scheme = "https"
        } else if endpoint.scheme == "https", insecure.contains(endpoint.host) {
            other.scheme = "http"
        } else {
            return nil
        }
        learned.withLock { $0[endpoint.host] = other.scheme }
        return other
    }

    private static func name(of host: String) -> String {
        if host.hasPrefix("["), let close = host.firstIndex(of: "]") {
            return String(host[...close])
        }
        return String(host.prefix { $0 != ":" })
    }
}
