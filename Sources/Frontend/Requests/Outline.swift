import DockerfileParser

/// What a target takes from whoever builds it (spec/01 §1.14).
package struct Outline: Hashable, Sendable {
    /// A build argument that the target uses.
    package struct Argument: Hashable, Sendable {
        package let name: String
        package let description: String?
        /// The value that it would have now, nil where it has none.
        package let value: String?
        /// The `ARG` instruction.
        package let range: SourceRange
    }

    /// A secret or an agent that a step of the target mounts.
    package struct Forwarded: Hashable, Sendable {
        package let name: String
        /// Whether the build fails without it.
        package let isRequired: Bool
        /// The first `RUN` that mounts it.
        package let range: SourceRange
    }

    /// A cache that a step of the target mounts.
    package struct Cache: Hashable, Sendable {
        package let id: String
        package let range: SourceRange
    }

    /// The name of the target, nil where it has none.
    package var name: String?
    package var description: String?
    /// In the order of the file, as the others are.
    package var arguments: [Argument] = []
    package var secrets: [Forwarded] = []
    package var agents: [Forwarded] = []
    package var caches: [Cache] = []
    /// The Dockerfile.
    package var source: SourceFile
}
