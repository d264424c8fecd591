import AsyncHTTPClient
import FoundationEssentials
import Glibc

/// The proxies of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, with the rules of Go's and curl's clients.
struct ProxySettings: Sendable {
    /// A proxy, as text that is also its identity.
    struct Server: Hashable, Sendable {
        let variable: String
        let address: Secret
    }

    private let http: Server?
    private let https: Server?
    private let exceptions: [String]

    init(environment: [String: String]) {
        func server(_ names: String...) -> Server? {
            for name in names {
                if let text = environment[name], !text.isEmpty {
                    return Server(variable: name, address: Secret(text))
                }
            }
            return nil
        }
        http = server("http_proxy", "HTTP_PROXY")
        https = server("https_proxy", "HTTPS_PROXY")
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        exceptions = list.split { $0 == "," || $0 == " " }.map { $0.lowercased() }
    }

    /// Returns the proxy for a request, `nil` for none; loopback hosts never have one.
    func server(scheme: String, host: String, port: Int) -> Server? {
        guard let server = scheme == "https" ? https : http else { return nil }
        return isLoopback(host: host) || exceptions.contains { Self.excepts($0, host.lowercased(), port) }
            ? nil : server
    }

    private static func excepts(_ exception: String, _ host: String, _ port: Int) -> Bool {
        if exception == "*" {
            return true
        }
        if let slash = exception.firstIndex(of: "/"), let network = addressBytes(String(exception[..<slash])),
            let length = Int(exception[exception.index(after: slash)...]), let address = addressBytes(host)
        {
            return isInside(address, network, length)
        }
        var name = exception[...]
        if let colon = name.lastIndex(of: ":"), name.firstIndex(of: ":") == colon {
            guard Int(name[name.index(after: colon)...]) == port else { return false }
            name = name[..<colon]
        }
        let bare = name.hasPrefix("*.") ? name.dropFirst(2) : name.hasPrefix(".") ? name.dropFirst() : name
        return host == bare || host.hasSuffix("." + bare)
    }

    private static func isInside(_ address: [UInt8], _ network: [UInt8], _ length: Int) -> Bool {
        guard address.count == network.count, length >= 0, length <= 8 * network.count else { return false }
        return (0..<length).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return address[bit / 8] & mask == network[bit / 8] & mask
        }
    }
}

extension ProxySettings.Server {
    /// Returns the proxy as the HTTP library takes it.
    func configuration() throws(RegistryError) -> HTTPClient.Configuration.Proxy {
        let text = address.text.contains("://") ? address.text : "http://" + address.text
        guard let url = URL(string: text), let host = url.host(percentEncoded: false), !host.isEmpty else {
            throw .proxy(variable: variable, reason: "not a URL")
        }
        switch url.scheme?.lowercased() {
        case "http":
            let user = url.user(percentEncoded: false)
            let authorization = user.map {
                HTTPClient.Authorization.basic(username: $0, password: url.password(percentEncoded: false) ?? "")
            }
            return .server(host: host, port: url.port ?? 80, authorization: authorization)
        case "socks5", "socks5h":
            return .socksServer(host: host, port: url.port ?? 1080)
        case let scheme:
            throw .proxy(variable: variable, reason: "scheme `\(scheme ?? "")` is not supported")
        }
    }
}

/// Whether a host (without port, with or without brackets) is this machine.
func isLoopback(host: String) -> Bool {
    if host.lowercased() == "localhost" {
        return true
    }
    guard let address = addressBytes(host) else { return false }
    return address.count == 4 ? address[0] == 127 : address == [UInt8](repeating: 0, count: 15) + [1]
}

/// Returns the 4 or 16 bytes of an IP address, `nil` for a name.
private func addressBytes(_ host: String) -> [UInt8]? {
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
        var bytes = [UInt8](repeating: 0, count: size)
        if inet_pton(family, bare, &bytes) == 1 {
            return bytes
        }
    }
    return nil
}
