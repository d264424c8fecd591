import BuildGraph
import FoundationEssentials

/// The secrets that open a repository over http(s), by their names (spec/03 §3.3, Auth).
struct GitAuthorization: Hashable {
    /// A secret, and what is in it.
    enum Name: Hashable {
        /// The value of the `Authorization` header.
        case header(String)
        case token(String)
    }

    /// The first that there is holds.
    let names: [Name]

    /// The secrets that the source names, or those of its host and then those of every host.
    init(_ source: GitSource) {
        let given = [source.authHeaderSecret.map(Name.header), source.authTokenSecret.map(Name.token)]
        guard source.url.hasPrefix("http://") || source.url.hasPrefix("https://"), given == [nil, nil] else {
            names = given.compactMap(\.self)
            return
        }
        let host = HTTPAuthorization.host(of: source.url)
        names = [
            .header("GIT_AUTH_HEADER.\(host)"), .token("GIT_AUTH_TOKEN.\(host)"),
            .header("GIT_AUTH_HEADER"), .token("GIT_AUTH_TOKEN"),
        ]
    }

    /// The header's value; nil where the build has none of these secrets.
    func value(in secrets: SecretStore) throws -> String? {
        for name in names {
            switch name {
            case .header(let id):
                if let value = try secrets.value(id) { return HTTPAuthorization.line(of: value) }
            case .token(let id):
                guard let value = try secrets.value(id) else { continue }
                let pair = Data("x-access-token:\(HTTPAuthorization.line(of: value))".utf8)
                return "basic \(pair.base64EncodedString())"
            }
        }
        return nil
    }
}
