import BuildGraph
import DockerfileParser

// The `--mount` flags of RUN; spec/01 §1.9.
extension Lowering {
    mutating func addMounts(_ run: RunInstruction, to step: inout ExecInputs) throws(FrontendError) {
        for text in run.mounts {
            let mount = try mountOptions(text, at: run.origin)
            switch mount.kind {
            case .bind: try addBind(mount, run, to: &step)
            case .cache: try addCache(mount, run, to: &step)
            case .tmpfs: step.mount(.tmpfs(size: mount.size), at: try target(of: mount, run), readOnly: mount.readOnly)
            case .secret: try addSecret(mount, run, to: &step)
            case .ssh: try addAgent(mount, run, to: &step)
            }
        }
    }

    private mutating func mountOptions(_ text: String, at origin: Origin) throws(FrontendError) -> MountOptions {
        let (options, undefined) = try expansion.mount(text, state.environment, at: origin)
        reportUndefined(undefined, at: origin)
        return options
    }

    private mutating func addBind(
        _ mount: MountOptions,
        _ run: RunInstruction,
        to step: inout ExecInputs
    ) throws(FrontendError) {
        let named = try source(of: mount, run)
        let shown = if let named { named } else { try mainContext() }
        let bind = BindMount(input: step.index(of: shown), source: PathText.rooted(mount.source ?? ""))
        step.mount(.bind(bind), at: try target(of: mount, run), readOnly: mount.readOnly)
    }

    private mutating func addCache(
        _ mount: MountOptions,
        _ run: RunInstruction,
        to step: inout ExecInputs
    ) throws(FrontendError) {
        let id = mount.id ?? PathText.clean(mount.target ?? "")
        var cache = CacheMount(id: "\(arguments.cacheMountNamespace)/\(id)", sharing: sharing(of: mount))
        parameters[current, default: StageParameters()].use(.cache, named: id, at: run.origin)
        cache.input = try source(of: mount, run).flatMap { step.index(of: $0) }
        cache.source = PathText.rooted(mount.source ?? "")
        if cache.source == "/" {
            cache.uid = mount.uid ?? 0
            cache.gid = mount.gid ?? 0
            cache.mode = mount.mode ?? 0o755
        }
        step.mount(.cache(cache), at: try target(of: mount, run), readOnly: mount.readOnly)
    }

    private func sharing(of mount: MountOptions) -> CacheMount.Sharing {
        switch mount.sharing {
        case .shared, nil: .shared
        case .private: .private
        case .locked: .locked
        }
    }

    private mutating func addSecret(
        _ mount: MountOptions,
        _ run: RunInstruction,
        to step: inout ExecInputs
    ) throws(FrontendError) {
        // The parser has made sure of one of the three.
        let id = mount.source ?? mount.id ?? PathText.base(mount.target ?? "")
        parameters[current, default: StageParameters()]
            .use(.secret, named: id, isRequired: mount.required, at: run.origin)
        if let name = mount.environmentName {
            step.secretVariables.append(SecretVariable(name: name, id: id, optional: !mount.required))
            if mount.target == nil { return }
        }
        let file = ForwardedFile(
            id: id,
            uid: mount.uid ?? 0,
            gid: mount.gid ?? 0,
            mode: mount.mode ?? 0o400,
            optional: !mount.required
        )
        let place = PathText.join(state.workingDirectory, mount.target ?? "/run/secrets/\(PathText.base(id))")
        if place == "/" { throw failure(.invalidMountTarget(place), at: run.origin) }
        step.mount(.secret(file), at: place, readOnly: true)
    }

    private mutating func addAgent(
        _ mount: MountOptions,
        _ run: RunInstruction,
        to step: inout ExecInputs
    ) throws(FrontendError) {
        if mount.source != nil { throw failure(.sourceOfAgent, at: run.origin) }
        parameters[current, default: StageParameters()]
            .use(.agent, named: mount.id ?? "default", isRequired: mount.required, at: run.origin)
        let file = ForwardedFile(
            id: mount.id ?? "default",
            uid: mount.uid ?? 0,
            gid: mount.gid ?? 0,
            mode: mount.mode ?? 0o600,
            optional: !mount.required
        )
        step.mountAgent(file, at: mount.target.map { PathText.join(state.workingDirectory, $0) })
    }

    /// The file system that a mount shows, nil without `from`.
    private mutating func source(of mount: MountOptions, _ run: RunInstruction) throws(FrontendError) -> VertexInput? {
        guard let from = mount.from else { return nil }
        let index = try dependencies.source(mountedFrom: from, in: current, at: run.origin)
        guard let stage = finished[index] else {
            throw failure(.mountFromLaterStage(from: from, target: mount.target ?? ""), at: run.origin)
        }
        return stage.root
    }

    private func target(of mount: MountOptions, _ run: RunInstruction) throws(FrontendError) -> String {
        let target = PathText.join(state.workingDirectory, mount.target ?? "")
        if target == "/" { throw failure(.invalidMountTarget(target), at: run.origin) }
        return target
    }
}
