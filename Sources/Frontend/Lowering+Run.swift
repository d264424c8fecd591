import BuildGraph
import DockerfileParser
import OCI

// RUN; spec/01 §1.9.
extension Lowering {
    mutating func lower(_ run: RunInstruction) throws(FrontendError) {
        try checkEntitlements(run)
        var step = ExecInputs(root: state.root)
        let command = arguments(of: run, into: &step)
        if command.isEmpty { throw failure(.noArguments, at: run.origin) }
        try addMounts(run, to: &step)
        var exec = ExecOperation(
            arguments: command,
            environment: processEnvironment(step),
            workingDirectory: state.workingDirectory,
            user: state.image.config.user,
            mounts: step.mounts
        )
        exec.hostname = arguments.sandboxHostname ?? request.steps.hostname ?? "buildkitsandbox"
        exec.network = network(of: run)
        exec.security = run.security == .insecure ? .insecure : .sandbox
        exec.extraHosts = request.steps.extraHosts
        exec.limits = request.steps.limits
        exec.proxyEnvironment = arguments.proxyEnvironment
        exec.secretEnvironment = step.secretVariables
        exec.devices = run.devices.map { BuildGraph.DeviceRequest(name: $0.name, optional: !$0.required) }
        let masked = Set(step.secretVariables.map(\.name))
        let name = nextStepName(run.origin, suffix: run.nameSuffix, masking: masked)
        let history = historyText(command)
        advance(.exec(exec), inputs: step.inputs, platform: state.platform, name: name, at: run.origin)
        state.record("RUN " + history, makesLayer: true, marked: true)
    }

    private func checkEntitlements(_ run: RunInstruction) throws(FrontendError) {
        var needed: [Entitlement] = []
        if run.network == .host { needed.append(.hostNetwork) }
        if run.security == .insecure { needed.append(.insecure) }
        if !run.devices.allSatisfy({ isAllowed($0.name) }) { needed.append(.device) }
        for entitlement in needed where !request.steps.entitlements.contains(entitlement) {
            throw failure(.notAllowed(entitlement), at: run.origin)
        }
    }

    /// Whether a device is allowed by its name or its kind.
    private func isAllowed(_ device: String) -> Bool {
        let kind = device.prefix { $0 != "=" }
        return request.steps.allowedDevices.contains { $0 == device || $0 == kind }
    }

    private func network(of run: RunInstruction) -> NetworkMode {
        switch run.network {
        case .sandbox: request.steps.network
        case .none: .none
        case .host: .host
        }
    }

    /// The arguments of the process; a script that is a file of its own is mounted.
    private mutating func arguments(of run: RunInstruction, into step: inout ExecInputs) -> [String] {
        switch run.script {
        case .exec(let arguments): return arguments
        case .shell(let text): return state.shell + [text]
        case .file(_, let body) where state.image.os == "windows":
            // There, no file is run by its first line.
            return state.shell + [String(decoding: body, as: UTF8.self)]
        case .file(let name, let body):
            let document = inlineDocument(name: name, mode: 0o755, bytes: body)
            step.mount(.bind(BindMount(input: step.index(of: document))), at: "/dev/pipes", readOnly: true)
            return state.shell + ["/dev/pipes/\(name)"]
        }
    }

    /// A file made of a heredoc, alone in a tree.
    mutating func inlineDocument(name: String, mode: UInt32, bytes: [UInt8]) -> VertexInput {
        let file = MakeFileAction(path: PathText.rooted(name), mode: mode, data: bytes)
        return .vertex(
            builder.add(
                .file(FileOperation([.makeFile(file)])),
                inputs: [.scratch],
                metadata: VertexMetadata(name: "[internal] preparing inline document")
            )
        )
    }

    private func processEnvironment(_ step: ExecInputs) -> [String] {
        var environment = state.environment
        if let socket = step.agentSocket, environment["SSH_AUTH_SOCK"] == nil {
            environment.set("SSH_AUTH_SOCK", socket)
        }
        return environment.lines
    }

    /// `|2 A=1 B=2 /bin/sh -c make`: the declared arguments with the values of the environment.
    private func historyText(_ command: [String]) -> String {
        let declared = state.arguments.map { name, value in name + "=" + (state.environment[name] ?? value ?? "") }
        let count = declared.isEmpty ? [] : ["|\(declared.count)"]
        return (count + declared + command).joined(separator: " ")
    }
}

/// What a process is given besides its arguments, while it is put together.
struct ExecInputs {
    private(set) var inputs: [VertexInput]
    private(set) var mounts: [ExecMount] = [.root(input: 0)]
    var secretVariables: [SecretVariable] = []
    /// The target of the first agent socket, or nil.
    private(set) var agentSocket: String?
    private(set) var agentCount = 0

    init(root: VertexInput) {
        inputs = [root]
    }

    /// The index of a vertex among the inputs, which it joins if it has to; nil for an empty tree.
    ///
    /// The root itself has index 0 and is never shared, so that a mount of it counts by content.
    mutating func index(of input: VertexInput) -> Int? {
        guard input != .scratch else { return nil }
        if let known = inputs.dropFirst().firstIndex(of: input) { return known }
        inputs.append(input)
        return inputs.count - 1
    }

    /// Adds a mount.
    mutating func mount(_ kind: ExecMount.Kind, at target: String, readOnly: Bool) {
        mounts.append(ExecMount(target: target, kind: kind, readOnly: readOnly))
    }

    /// Adds an agent's socket, at a numbered place unless a target is given.
    mutating func mountAgent(_ file: ForwardedFile, at target: String?) {
        let place = target ?? "/run/buildkit/ssh_agent.\(agentCount)"
        agentCount += 1
        agentSocket = agentSocket ?? place
        mount(.ssh(file), at: place, readOnly: true)
    }
}
