import OCI

/// Why a registry did not do what was asked.
package enum RegistryError: HintedError, Hashable, CustomStringConvertible {
    /// The reference or blob does not exist there.
    case notFound(String)
    /// The registry wants credentials, or other ones; `subject` is what was asked for.
    case unauthorized(subject: String, registry: String, reason: String)
    /// No connection came about.
    case unreachable(registry: String, reason: String)
    /// No trusted connection came about.
    case tls(registry: String, reason: String)
    /// A connection broke; repeating may help.
    case interrupted(registry: String, reason: String)
    case digestMismatch(got: Digest, want: Digest)
    case sizeMismatch(subject: String, got: Int64, want: Int64)
    case tooLarge(subject: String, limit: Int)
    /// The registry refuses for now; `retryAfter` in seconds, where it says so.
    case rateLimited(registry: String, retryAfter: Int?, reason: String)
    case unexpectedStatus(subject: String, status: Int, reason: String)
    case invalidResponse(subject: String, reason: String)
    case noMatchingPlatform(subject: String, platform: Platform, available: [Platform])
    case unsupportedMediaType(subject: String, mediaType: String)
    case credentials(source: String, reason: String)
    case proxy(variable: String, reason: String)
    case certificates(path: String, reason: String)

    package var description: String {
        switch self {
        case .notFound(let subject): "\(subject): not found"
        case .unauthorized(let subject, _, let reason): "\(subject): unauthorized: \(reason)"
        case .unreachable(let registry, let reason): "cannot reach registry `\(registry)`: \(reason)"
        case .tls(let registry, let reason): "cannot make a secure connection to `\(registry)`: \(reason)"
        case .interrupted(let registry, let reason): "connection to `\(registry)` broke: \(reason)"
        case .digestMismatch(let got, let want): "digest mismatch \(got): \(want)"
        case .sizeMismatch(let subject, let got, let want):
            "\(subject): size mismatch: got \(got) bytes, want \(want)"
        case .tooLarge(let subject, let limit): "\(subject): larger than \(limit) bytes"
        case .rateLimited(let registry, _, let reason): "registry `\(registry)` limits the rate: \(reason)"
        case .unexpectedStatus(let subject, let status, let reason):
            "\(subject): unexpected status \(status)" + (reason.isEmpty ? "" : ": \(reason)")
        case .invalidResponse(let subject, let reason): "\(subject): invalid response: \(reason)"
        case .noMatchingPlatform(let subject, _, _): "\(subject): no match for platform in manifest: not found"
        case .unsupportedMediaType(let subject, let mediaType): "\(subject): unsupported media type `\(mediaType)`"
        case .credentials(let source, let reason): "cannot read credentials from `\(source)`: \(reason)"
        case .proxy(let variable, let reason): "cannot use the proxy in `\(variable)`: \(reason)"
        case .certificates(let path, let reason): "cannot read certificates from `\(path)`: \(reason)"
        }
    }

    /// What the reader may do about it, if anything is known.
    package var hint: String? {
        switch self {
        case .notFound: "check the spelling of the name and its tag"
        case .unauthorized(_, let registry, _): "check the name, or log in with `docker login \(registry)`"
        case .unreachable(let registry, let reason) where reason == "connection refused":
            "check that a registry listens at \(registry)"
        case .unreachable(_, let reason) where reason == "host not found":
            "check the name, the network and the proxy variables"
        case .tls(_, let reason) where reason.contains("certificate"):
            "set `SSL_CERT_FILE` to the certificate of the registry's authority"
        case .tls(let registry, let reason) where reason.contains("does not speak TLS"):
            "mark \(registry) as a plain HTTP registry"
        case .rateLimited(let registry, let seconds, _):
            (seconds.map { "try again in \($0) seconds, or " } ?? "") + "log in with `docker login \(registry)`"
        case .noMatchingPlatform(_, let platform, let available) where !available.isEmpty:
            "wanted \(platform), there are "
                + available.map(\.description).joined(separator: ", ")
        default: nil
        }
    }

    /// Whether the same request may succeed a little later.
    var isTransient: Bool {
        if case .interrupted = self { true } else { false }
    }
}
