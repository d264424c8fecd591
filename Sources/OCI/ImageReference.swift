/// A normalised image name, such as `docker.io/library/alpine:latest`.
///
/// Without a tag and without a digest it names a repository; see ``withDefaultTag()``.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// The registry's name with an optional port, such as `docker.io` or `localhost:5000`.
    package let domain: String
    /// The path inside the registry, such as `library/alpine`.
    package let repository: String
    /// The tag, if one was written.
    package var tag: String?
    /// The digest, if one was written.
    package var digest: Digest?

    /// Parses a name as docker does, so that `alpine` is `docker.io/library/alpine`.
    ///
    /// No tag is added.
    package init(parsing text: String) throws(ReferenceError) {
        if text.utf8.count == 64, text.utf8.allSatisfy(ReferenceGrammar.isLowerHex) {
            throw .identifier(text)
        }
        guard !text.isEmpty else { throw .empty }
        var (domain, rest) = Self.splitDomain(text)
        if domain == "docker.io", !rest.contains("/") {
            rest = "library/" + rest
        }
        let name = rest.prefix { $0 != ":" && $0 != "@" }
        guard name.lowercased() == name else { throw .uppercase(repository: String(name)) }
        guard ReferenceGrammar.isDomain(domain) else { throw .invalidFormat }
        let parts = try ReferenceGrammar.split(rest)
        guard ReferenceGrammar.isRepository(parts.repository) else { throw .invalidFormat }
        guard parts.repository.utf8.count <= 255 else { throw .nameTooLong }
        self.domain = domain
        repository = parts.repository
        tag = parts.tag
        digest = parts.digest
    }

    private init(domain: String, repository: String, tag: String?, digest: Digest?) {
        self.domain = domain
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// The complete name, with what there is of tag and digest.
    package var description: String { name + suffix }

    /// The complete name without tag and digest.
    package var name: String { "\(domain)/\(repository)" }

    /// The name as docker shows it: without `docker.io/` and `library/`.
    package var familiar: String {
        guard domain == "docker.io" else { return description }
        let parts = repository.split(separator: "/")
        let short = parts.count == 2 && parts[0] == "library" ? String(parts[1]) : repository
        return short + suffix
    }

    /// The host to connect to, with an optional port; Docker Hub's API lives at another name.
    package var registryHost: String { domain == "docker.io" ? "registry-1.docker.io" : domain }

    /// Returns the reference with the tag `latest` if it has neither tag nor digest.
    package func withDefaultTag() -> ImageReference {
        tag == nil && digest == nil ? withTag("latest") : self
    }

    /// Returns the reference with another tag and no digest.
    package func withTag(_ tag: String) -> ImageReference {
        ImageReference(domain: domain, repository: repository, tag: tag, digest: nil)
    }

    /// Returns the reference with its tag and this digest.
    package func withDigest(_ digest: Digest) -> ImageReference {
        ImageReference(domain: domain, repository: repository, tag: tag, digest: digest)
    }

    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// The first part is a domain if it holds `.`, `:` or a capital, or is `localhost`.
    private static func splitDomain(_ text: String) -> (domain: String, rest: String) {
        guard let slash = text.firstIndex(of: "/") else { return ("docker.io", text) }
        let first = text[..<slash]
        let rest = String(text[text.index(after: slash)...])
        if first == "index.docker.io" {
            return ("docker.io", rest)
        }
        let isDomain =
            first == "localhost" || first.contains { $0 == "." || $0 == ":" } || first.lowercased() != first
        return isDomain ? (String(first), rest) : ("docker.io", text)
    }
}
