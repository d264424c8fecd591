import OCI

/// What a client tells about its work while it works.
package enum RegistryEvent: Hashable, Sendable {
    /// A token is being fetched.
    case tokenRequested(TokenRequest)
    /// A token came, or did not.
    case tokenAnswered(TokenRequest, succeeded: Bool)
    /// Bytes of a blob arrived; `offset` counts all so far.
    case downloaded(Digest, offset: Int64, total: Int64)
    /// Bytes of a blob were sent; `offset` counts all so far.
    case uploaded(Digest, offset: Int64, total: Int64)
    /// A broken connection is about to be made again.
    case retrying(subject: String, reason: String)
    /// The registry asked to wait.
    case waiting(registry: String, seconds: Int)
}

/// Which token is fetched from where.
package struct TokenRequest: Hashable, Sendable, CustomStringConvertible {
    /// What the token allows: `library/alpine:pull`.
    package let scope: String
    /// The registry's host.
    package let registry: String

    /// The text that BuildKit shows: `[auth] library/alpine:pull token for registry-1.docker.io`.
    package var description: String { "[auth] \(scope) token for \(registry)" }
}
