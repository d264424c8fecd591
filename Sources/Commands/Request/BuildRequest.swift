import OCI

/// A build as the user asked for it, checked and free of flags. Nothing later sees the command line.
package struct BuildRequest: Sendable {
    package var context: ContextLocation
    package var dockerfile: DockerfileLocation
    package var definition: DefinitionParameters
    package var steps: StepParameters
    package var outputs: [OutputSpecification]
    /// The names of `-t`, in full form.
    package var tags: [ImageReference]
    package var cache: CacheParameters
    package var report: ReportParameters
}

/// Where the Dockerfile is read from (spec/02 §2.2).
package enum DockerfileLocation: Hashable, Sendable {
    /// `Dockerfile` in the root of the context, or `dockerfile`.
    case inContext
    /// A path: of this machine for a local context, inside the context for a remote one unless absolute.
    case path(String)
    /// Standard input.
    case standardInput
}

/// What the frontend is told.
package struct DefinitionParameters: Sendable {
    package var target: String?
    package var buildArguments: [String: String]
    package var labels: [String: String]
    /// The platforms asked for; empty where none was.
    package var platforms: [Platform]
    /// Named contexts, by name.
    package var contexts: [String: String]
}

/// What RUN steps are given.
package struct StepParameters: Sendable {
    package var network: String
    /// `name` and `address` of each `--add-host`.
    package var extraHosts: [(name: String, address: String)]
    /// Bytes of `/dev/shm`.
    package var shmSize: Int64?
    /// `name`, `soft`, `hard` of each `--ulimit`.
    package var ulimits: [(name: String, soft: Int64, hard: Int64)]
    package var secrets: [SecretSpecification]
    package var allowed: Set<String>
}

/// What may come from the cache.
package struct CacheParameters: Sendable {
    package var ignoresAll: Bool
    /// Stages whose steps run whatever the cache holds.
    package var ignoredStages: [String]
}

/// How the build is told of.
package struct ReportParameters: Sendable {
    package var progress: ProgressChoice
    package var isQuiet: Bool
    package var imageIDFile: String?
    package var metadataFile: String?
}
