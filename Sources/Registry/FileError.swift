import OCI

/// Why a file was not fetched; each case begins with the file's URL without credentials.
package enum FileError: HintedError, Hashable, CustomStringConvertible {
    case status(String, Int)
    /// No connection came about.
    case unreachable(String, reason: String)
    /// No trusted connection came about.
    case tls(String, reason: String)
    /// The connection broke; repeating may help.
    case interrupted(String, reason: String)
    case invalidResponse(String, reason: String)

    package var description: String {
        switch self {
        case .status(let name, let status): "cannot fetch `\(name)`: invalid response status \(status)"
        case .unreachable(let name, let reason), .tls(let name, let reason), .interrupted(let name, let reason),
            .invalidResponse(let name, let reason):
            "cannot fetch `\(name)`: \(reason)"
        }
    }

    /// What the reader may do about it, if anything is known.
    package var hint: String? {
        switch self {
        case .status(_, 401), .status(_, 403):
            "give the secret `HTTP_AUTH_TOKEN_HOST` or `HTTP_AUTH_HEADER_HOST`, with the server's name for HOST"
        case .status(_, 404): "check the spelling of the URL"
        case .unreachable(_, let reason) where reason == "host not found":
            "check the name, the network and the proxy variables"
        case .tls(_, let reason) where reason.contains("certificate"):
            "set `SSL_CERT_FILE` to the certificate of the server's authority"
        default: nil
        }
    }

    /// Whether the same request may succeed a little later.
    package var isTransient: Bool {
        if case .interrupted = self { true } else { false }
    }

    /// Gives what the transport threw the file's name; what concerns no file stays as it is.
    static func translate(_ error: any Error, name: String) -> any Error {
        guard let error = Registry.translate(error, registry: name) as? RegistryError else { return error }
        return switch error {
        case .unreachable(_, let reason): FileError.unreachable(name, reason: reason)
        case .tls(_, let reason): FileError.tls(name, reason: reason)
        case .interrupted(_, let reason): FileError.interrupted(name, reason: reason)
        case .invalidResponse(_, let reason): FileError.invalidResponse(name, reason: reason)
        default: error
        }
    }
}
