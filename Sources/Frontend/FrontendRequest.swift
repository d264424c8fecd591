import BuildGraph
import DockerfileParser
import OCI

/// What is asked of the frontend, besides the Dockerfile's own text.
package struct FrontendRequest: Sendable {
    /// The Dockerfile, by the name that messages show.
    package var dockerfile: SourceFile
    /// The stage to build by name, in any case; nil is the last stage.
    package var target: String?
    /// `--build-arg` values, the `BUILDKIT_…` ones and proxies included.
    package var buildArguments: [String: String]
    /// `--label` values, which win over those of the Dockerfile.
    package var labels: [String: String]
    package var platforms: PlatformRequest
    package var contexts: ContextRequest
    package var steps: StepDefaults
    package var cacheUse: CacheUse
    package var imageResolution: ImageResolveMode
    package var purpose: RequestPurpose

    /// A request for the last stage on the build machine's platform, with a local context.
    package init(dockerfile: SourceFile) {
        self.dockerfile = dockerfile
        buildArguments = [:]
        labels = [:]
        platforms = PlatformRequest()
        contexts = ContextRequest()
        steps = StepDefaults()
        cacheUse = .all
        imageResolution = .default
        purpose = .build
    }

    /// Whether all stages are evaluated, and not just those that the target needs.
    var needsAllStages: Bool { purpose == .check && (target ?? "").isEmpty }
}

/// What the evaluation of a Dockerfile is for.
package enum RequestPurpose: Hashable, Sendable {
    case build
    /// Findings, of all stages where there is no target. Base images that are unavailable are let go, and with them the
    /// findings that would need them.
    case check
    /// What a target takes from whoever builds it. Base images may be unavailable here too.
    case outline
}

/// The platforms to build for and on.
package struct PlatformRequest: Hashable, Sendable {
    /// What to build for, one result each; never empty.
    package var targets: [Platform]
    /// The build machine, which is `BUILDPLATFORM`.
    package var build: Platform
    /// What else the build machine can run, by emulation.
    package var emulated: [Platform]
    /// Whether the user named the platforms; otherwise a base image may decide.
    package var areExplicit: Bool

    /// Builds for and on the platform of this machine.
    package init(
        targets: [Platform] = [.host],
        build: Platform = .host,
        emulated: [Platform] = [],
        areExplicit: Bool = false
    ) {
        self.targets = targets
        self.build = build
        self.emulated = emulated
        self.areExplicit = areExplicit
    }
}

/// What every `RUN` starts from.
package struct StepDefaults: Hashable, Sendable {
    /// The network of steps that don't name one.
    package var network: NetworkMode
    package var extraHosts: [ExtraHost]
    package var limits: ProcessLimits
    /// The host name that steps see, nil for `buildkitsandbox`; the argument `BUILDKIT_SANDBOX_HOSTNAME` wins.
    package var hostname: String?
    /// What the user allowed beyond the ordinary.
    package var entitlements: Set<Entitlement>
    /// Devices that are allowed by name, or all of a kind, where not every one is.
    package var allowedDevices: Set<String> = []

    /// The defaults of a build without flags.
    package init(
        network: NetworkMode = .sandbox,
        extraHosts: [ExtraHost] = [],
        limits: ProcessLimits = ProcessLimits(),
        hostname: String? = nil,
        entitlements: Set<Entitlement> = []
    ) {
        self.network = network
        self.extraHosts = extraHosts
        self.limits = limits
        self.hostname = hostname
        self.entitlements = entitlements
    }
}

/// A privilege that `--allow` gives.
package enum Entitlement: String, Hashable, Sendable {
    case hostNetwork = "network.host"
    case insecure = "security.insecure"
    case device
}

/// For which stages stored results are used.
package enum CacheUse: Hashable, Sendable {
    case all
    /// `--no-cache`.
    case none
    /// `--no-cache-filter`: all but the named stages, in any case.
    case except(stages: Set<String>)

    /// Whether the steps of a stage run anew.
    func ignores(stage name: String?) -> Bool {
        switch self {
        case .all: false
        case .none: true
        case .except(let stages): name.map { name in stages.contains { $0.lowercased() == name.lowercased() } } ?? false
        }
    }
}
