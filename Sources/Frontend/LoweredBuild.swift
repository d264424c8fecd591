import BuildGraph
import DockerfileParser
import OCI

/// A Dockerfile turned into vertices and image configurations.
package struct LoweredBuild: Sendable {
    /// The vertices of all platforms.
    package var graph: Graph
    /// One result for each requested platform, in the order of the request.
    package var results: [PlatformResult]
    /// Findings of the build checks, in the order in which they were found.
    package var warnings: [LintFinding]
    /// What file times and image times are clamped to, or nil.
    package var sourceDateEpoch: SourceDateEpoch?
    /// Whether the result is an index even for a single platform.
    package var isMultiPlatform: Bool

    /// The vertices that the results need; empty where every result is an empty tree.
    package var targets: [Digest] { results.compactMap(\.root) }
}

/// What a build makes for one platform.
package struct PlatformResult: Hashable, Sendable {
    /// The platform that was asked for.
    package var platform: Platform
    /// The vertex of the root file system; nil is an empty tree.
    package var root: Digest?
    /// The image's configuration.
    ///
    /// New history entries have no time yet, each that isn't `emptyLayer` stands for one
    /// layer, and `diffIDs` is empty.
    package var config: ImageConfig
    /// The stages of the Dockerfile that the result needs.
    package var stages: [StageSummary]
    /// The images that the result was made from.
    package var images: [ImageUse]
}

/// A stage that takes part in a build.
package struct StageSummary: Hashable, Sendable {
    /// The number of the stage in the Dockerfile, from 0.
    package var index: Int
    /// The lower-cased name, or nil.
    package var name: String?
    package var platform: Platform
    /// The vertex of the stage's file system at its end; nil is an empty tree.
    package var root: Digest?
}

/// An image that a build starts from or copies from.
package struct ImageUse: Hashable, Sendable {
    package var locator: ImageLocator
    package var platform: Platform
    package var digest: Digest
}

/// Where the time of a reproducible build comes from.
package enum SourceDateEpoch: Hashable, Sendable {
    /// Seconds since 1970.
    case fixed(Int64)
    /// The time of a Git commit or of a download, known when the source vertex has run.
    case ofSource(Digest)
}
