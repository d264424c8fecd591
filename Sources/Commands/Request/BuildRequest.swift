import OCI

/// A build as the user asked for it, checked and free of flags.
///
/// Nothing later sees the command line.
struct BuildRequest: Sendable {
    var context: ContextLocation
    var dockerfile: DockerfileLocation
    var definition: DefinitionParameters
    var steps: StepParameters
    var outputs: [OutputSpecification]
    /// The names of `-t`, in full form.
    var tags: [ImageReference]
    var cache: CacheParameters
    var storage: StorageParameters
    var report: ReportParameters
    /// What is asked instead of building; nil for a build.
    var call: CallSpecification?

    /// Whether an output streams to stdout.
    var writesToStandardOutput: Bool { outputs.contains { $0.destination == .standardOutput } }
}

/// Where the Dockerfile is read from (spec/02 §2.2).
enum DockerfileLocation: Hashable, Sendable {
    /// `Dockerfile` in the root of the context, or `dockerfile`.
    case inContext
    /// A path: of this machine for a local context, inside the context for a remote one unless absolute.
    case path(String)
    /// A URL.
    case url(String)
    /// Standard input, alone or in an archive that comes there.
    case standardInput
}

/// What the frontend is told.
struct DefinitionParameters: Sendable {
    var target: String?
    var buildArguments: [String: String]
    var labels: [String: String]
    /// The platforms asked for; empty where none was.
    var platforms: [Platform]
    /// Named contexts, by name.
    var contexts: [String: String]
}

/// What RUN steps are given.
struct StepParameters: Sendable {
    var network: String
    /// `name` and `address` of each `--add-host`.
    var extraHosts: [(name: String, address: String)]
    /// Bytes of `/dev/shm`.
    var shmSize: Int64?
    /// `name`, `soft`, `hard` of each `--ulimit`.
    var ulimits: [(name: String, soft: Int64, hard: Int64)]
    /// The control group above those of steps; empty for none.
    var cgroupParent: String
    var secrets: [SecretSpecification]
    var agents: [SSHSpecification]
    /// A path, or `host`; nil where steps have those of their image alone.
    var certificates: String?
    var allowed: Set<String>
}

/// What may come from the cache.
struct CacheParameters: Sendable {
    var ignoresAll: Bool
    /// Stages whose steps run whatever the cache holds.
    var ignoredStages: [String]
    /// Caches elsewhere, in the order in which they are asked.
    var sources: [CacheSource]
    var destinations: [CacheDestination]
}

/// How the build is told of.
struct ReportParameters: Sendable {
    var progress: ProgressChoice
    var isQuiet: Bool
    /// Whether findings are shown with all that is known of them: `--debug`.
    var isDetailed: Bool
    var imageIDFile: String?
    var metadataFile: String?
}
