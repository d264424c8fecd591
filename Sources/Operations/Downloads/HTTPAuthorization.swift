import BuildGraph
import Registry

/// The secrets that open a server's files, by their names (spec/03 §3.4).
struct HTTPAuthorization: Hashable {
    /// Holds the value of the `Authorization` header.
    let headerSecret: String
    /// Holds a bearer token.
    let tokenSecret: String?

    /// The secret that the source names, else those of its host, without the port.
    init(_ source: HTTPSource) {
        if let name = source.authHeaderSecret {
            headerSecret = name
            tokenSecret = nil
            return
        }
        let host = Self.host(of: source.url)
        headerSecret = "HTTP_AUTH_HEADER_\(host)"
        tokenSecret = "HTTP_AUTH_TOKEN_\(host)"
    }

    /// The header's value; nil where the build has no such secret.
    func value(in secrets: SecretStore) throws -> Secret? {
        if let header = try secrets.value(headerSecret) { return Secret(Self.line(of: header)) }
        return try tokenSecret.flatMap { try secrets.value($0) }.map { Secret("Bearer \(Self.line(of: $0))") }
    }

    /// A secret's first line, for a header: files mostly end with a line feed.
    static func line(of value: [UInt8]) -> String {
        String(decoding: value.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }

    /// The host of a URL, without user and port.
    static func host(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "" }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }
}
