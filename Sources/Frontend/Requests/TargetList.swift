import DockerfileParser

/// The stages of a Dockerfile, each of which can be built (spec/01 §1.14).
package struct TargetList: Hashable, Sendable {
    /// A stage.
    package struct Target: Hashable, Sendable {
        /// The name, nil where it has none.
        package let name: String?
        /// Whether it is what is built without `--target`.
        package let isDefault: Bool
        package let description: String?
        /// The base as written, unexpanded.
        package let base: String
        /// The value of `--platform` as written, or nil.
        package let platform: String?
        /// The `FROM` instruction.
        package let range: SourceRange
    }

    /// The stages in the order of the file.
    package let targets: [Target]
    /// The Dockerfile.
    package let source: SourceFile

    /// The stages of a parsed Dockerfile; nothing is expanded.
    package init(of dockerfile: Dockerfile) {
        source = dockerfile.source
        targets = dockerfile.stages.enumerated().map { index, stage in
            Target(
                name: stage.name,
                isDefault: index == dockerfile.stages.count - 1,
                description: stage.description,
                base: stage.baseName,
                platform: stage.platform,
                range: stage.range
            )
        }
    }
}
