/// A text that is never printed, whichever way the value around it is shown.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself.
    package let text: String

    /// Wraps a text.
    package init(_ text: String) {
        self.text = text
    }

    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What proves to a registry who asks.
package enum Credentials: Hashable, Sendable {
    case password(user: String, password: Secret)
    /// A refresh token, exchanged for short-lived ones.
    case identityToken(Secret)
}

/// Where credentials come from.
package protocol CredentialSource: Sendable {
    /// Returns the credentials for a reference's domain, such as `docker.io`; `nil` is anonymous.
    func credentials(for domain: String) async throws -> Credentials?
}

/// Credentials that were given beforehand, by domain.
package struct GivenCredentials: CredentialSource {
    private let byDomain: [String: Credentials]

    /// Knows these domains; every other is anonymous.
    package init(_ byDomain: [String: Credentials] = [:]) {
        self.byDomain = byDomain
    }

    package func credentials(for domain: String) -> Credentials? { byDomain[domain] }
}
