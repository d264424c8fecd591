import BuildGraph
import OCI

/// Where `COPY` and `FROM` find what the Dockerfile doesn't make.
package struct ContextRequest: Hashable, Sendable {
    /// The build context.
    package var main: ContextSource
    /// `--build-context`, by name; a name may end in `::os/arch`.
    package var named: [String: NamedContext]
    /// The patterns of the ignore file that holds for a local context.
    package var ignorePatterns: [String]

    /// A local context without ignore file.
    package init(
        main: ContextSource = .local,
        named: [String: NamedContext] = [:],
        ignorePatterns: [String] = []
    ) {
        self.main = main
        self.named = named
        self.ignorePatterns = ignorePatterns
    }
}

/// The build context.
package enum ContextSource: Hashable, Sendable {
    /// The directory that the build knows as `context`.
    case local
    case git(GitSource)
    /// An archive behind a URL, which is unpacked.
    case archive(HTTPSource)
    /// Nothing: the Dockerfile came alone.
    case empty
}

/// What a `--build-context` stands for.
package enum NamedContext: Hashable, Sendable {
    /// A directory that the build knows by the context's name, seen through its own ignore file.
    case directory(ignorePatterns: [String])
    case image(ImageReference)
    /// An image of an OCI layout directory, by tag or digest.
    case ociLayout(path: String, tag: String?, digest: Digest?)
    case git(GitSource)
    /// An archive behind a URL, which is unpacked.
    case archive(HTTPSource)
    /// Nothing: `docker-image://scratch`.
    case empty
}

extension ContextRequest {
    /// The context that stands for a base name, the one for the platform first; nil for `scratch` and for names that
    /// aren't overridden.
    func override(of name: String, platform: Platform) -> (key: String, context: NamedContext)? {
        guard name != "scratch", !named.isEmpty else { return nil }
        for candidate in Set([name, Self.familiar(name)]).sorted() {
            for key in ["\(candidate)::\(platform)", candidate] {
                if let context = named[key] ?? normalized(key) { return (candidate, context) }
            }
        }
        return nil
    }

    private func normalized(_ wanted: String) -> NamedContext? {
        let match = named.keys.sorted().first { key in
            let parts = key.split(separator: "::", maxSplits: 1).map(String.init)
            guard let name = parts.first else { return false }
            return ([Self.familiar(name)] + parts.dropFirst()).joined(separator: "::") == wanted
        }
        return match.flatMap { named[$0] }
    }

    /// An image name without `docker.io`, `library` and `:latest`; other text as it is.
    private static func familiar(_ name: String) -> String {
        guard let reference = try? ImageReference(parsing: name) else { return name }
        let text = reference.familiar
        return reference.tag == "latest" && reference.digest == nil ? String(text.dropLast(":latest".count)) : text
    }
}
