import DockerfileParser

extension BuildCommand {
    /// What the options say of RUN steps.
    func stepParameters(_ environment: [String: String]) throws(OptionError) -> StepParameters {
        guard ["default", "none", "host", ""].contains(step.network) else {
            throw .invalidValue(
                option: "--network",
                value: step.network,
                reason: "the modes are default, none and host"
            )
        }
        if let isolation = step.isolation {
            _ = try IsolationChoice.mode(of: isolation)
        } else if let isolation = environment[IsolationChoice.variable] {
            _ = try IsolationChoice.mode(of: isolation, option: IsolationChoice.variable)
        }
        var allowed = Set(step.allow)
        if step.network == "host" { allowed.insert("network.host") }
        for name in allowed where !Self.entitlements.contains(name) && !name.hasPrefix("device=") {
            throw .invalidValue(
                option: "--allow",
                value: name,
                reason: "the entitlements are network.host, security.insecure, device and device=NAME"
            )
        }
        return StepParameters(
            network: step.network,
            extraHosts: try extraHosts(),
            shmSize: try shmSize(),
            ulimits: try ulimits(),
            cgroupParent: step.cgroupParent ?? "",
            secrets: try secrets(environment),
            agents: try agents(environment),
            certificates: step.caCertificates,
            allowed: allowed
        )
    }

    private static let entitlements = ["network.host", "security.insecure", "device"]

    private func extraHosts() throws(OptionError) -> [(name: String, address: String)] {
        var hosts: [(name: String, address: String)] = []
        for text in step.addHost.flatMap(Self.commas) {
            let separator = text.firstIndex(of: "=") ?? text.firstIndex(of: ":")
            guard let separator, separator != text.startIndex else {
                throw .invalidValue(option: "--add-host", value: text, reason: "expected host:ip")
            }
            var address = String(text[text.index(after: separator)...])
            if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
            // Steps share this machine's network.
            if address == "host-gateway" { address = "127.0.0.1" }
            guard address.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" }), !address.isEmpty else {
                throw .invalidValue(option: "--add-host", value: text, reason: "`\(address)` is no IP address")
            }
            hosts.append((String(text[..<separator]), address))
        }
        return hosts
    }

    private func shmSize() throws(OptionError) -> Int64? {
        guard let text = step.shmSize else { return nil }
        guard let size = ByteSize.parse(text) else {
            throw .invalidValue(option: "--shm-size", value: text, reason: "expected a size as 64m")
        }
        return size
    }

    private func ulimits() throws(OptionError) -> [(name: String, soft: Int64, hard: Int64)] {
        var limits: [(name: String, soft: Int64, hard: Int64)] = []
        for text in step.ulimit {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            let values = parts.count == 2 ? parts[1].split(separator: ":").map { Int64($0) } : []
            guard let first = values.first, let soft = first, let last = values.last, let hard = last, values.count < 3,
                hard >= soft || hard == -1
            else {
                throw .invalidValue(option: "--ulimit", value: text, reason: "expected type=soft[:hard]")
            }
            limits.append((parts[0], soft, hard))
        }
        return limits
    }

    private func agents(_ environment: [String: String]) throws(OptionError) -> [SSHSpecification] {
        var agents: [SSHSpecification] = []
        for text in step.ssh {
            let agent = try SSHSpecification(parsing: text, environment: environment)
            if agents.contains(where: { $0.id == agent.id }) {
                throw .invalidValue(option: "--ssh", value: text, reason: "there is another one with this id")
            }
            agents.append(agent)
        }
        return agents
    }

    private func secrets(_ environment: [String: String]) throws(OptionError) -> [SecretSpecification] {
        var secrets: [SecretSpecification] = []
        for text in step.secret { secrets.append(try SecretSpecification(parsing: text, environment: environment)) }
        return secrets
    }
}
