import BuildGraph
import BuildProgress
import DockerfileParser
import Frontend
import LinuxSystem
import OCI

/// Says what was asked for in the frontend's terms.
struct FrontendRequestBuilder: Sendable {
    let request: BuildRequest

    /// The request for a Dockerfile and a context that are loaded.
    func frontendRequest(_ loaded: LoadedContext) throws -> FrontendRequest {
        var result = FrontendRequest(dockerfile: loaded.dockerfile)
        result.target = request.definition.target
        result.buildArguments = request.definition.buildArguments
        result.labels = request.definition.labels
        if !request.definition.platforms.isEmpty {
            result.platforms = PlatformRequest(targets: request.definition.platforms, areExplicit: true)
        }
        result.contexts = ContextRequest(
            main: loaded.main,
            named: try namedContexts(),
            ignorePatterns: loaded.ignorePatterns
        )
        result.steps = stepDefaults()
        if request.cache.ignoresAll {
            result.cacheUse = .none
        } else if !request.cache.ignoredStages.isEmpty {
            result.cacheUse = .except(stages: Set(request.cache.ignoredStages))
        }
        return result
    }

    private func namedContexts() throws -> [String: NamedContext] {
        var contexts: [String: NamedContext] = [:]
        for (name, value) in request.definition.contexts {
            switch try NamedContextValue(value) {
            case .directory(let path):
                guard (try? FileStatus.of(Path(path)))?.kind == .directory else {
                    throw OptionError.contextNotFound(path)
                }
                let patterns = try ContextLoader.ignorePatterns(path + "/.dockerignore")
                contexts[name] = .directory(ignorePatterns: patterns ?? [])
            case .image(let reference): contexts[name] = .image(reference)
            case .layout(let path, let tag, let digest):
                contexts[name] = .ociLayout(path: path, tag: tag, digest: digest)
            case .git(let source): contexts[name] = .git(source)
            case .archive(let url): contexts[name] = .archive(HTTPSource(url: url))
            case .empty: contexts[name] = .empty
            }
        }
        return contexts
    }

    private func stepDefaults() -> StepDefaults {
        let network: NetworkMode =
            switch request.steps.network {
            case "none": .none
            case "host": .host
            default: .sandbox
            }
        let limits = ProcessLimits(
            ulimits: request.steps.ulimits.map { Ulimit(name: $0.name, soft: $0.soft, hard: $0.hard) },
            shmSize: request.steps.shmSize,
            cgroupParent: request.steps.cgroupParent
        )
        var defaults = StepDefaults(
            network: network,
            extraHosts: request.steps.extraHosts.map { ExtraHost(name: $0.name, address: $0.address) },
            limits: limits,
            entitlements: Set(request.steps.allowed.compactMap(Entitlement.init))
        )
        let devices = request.steps.allowed.filter { $0.hasPrefix("device=") }
        defaults.allowedDevices = Set(devices.map { String($0.dropFirst("device=".count)) })
        return defaults
    }
}
