extension ImageConfig {
    /// How containers of the image run: the configuration's `config` object.
    package struct RunConfig: Hashable, Sendable, Decodable {
        package var user = ""
        /// Ports as `80/tcp`.
        package var exposedPorts: Set<String> = []
        /// Variables as `NAME=value`, in order.
        package var env: [String] = []
        package var entrypoint: [String]?
        package var cmd: [String]?
        package var volumes: Set<String> = []
        package var workingDir = ""
        package var labels: [String: String] = [:]
        package var stopSignal = ""
        /// Whether a windows command line is escaped already.
        package var argsEscaped = false
        package var healthcheck: Healthcheck?
        package var onBuild: [String] = []
        package var shell: [String] = []

        private enum CodingKeys: String, CodingKey {
            case user = "User"
            case exposedPorts = "ExposedPorts"
            case env = "Env"
            case entrypoint = "Entrypoint"
            case cmd = "Cmd"
            case volumes = "Volumes"
            case workingDir = "WorkingDir"
            case labels = "Labels"
            case stopSignal = "StopSignal"
            case argsEscaped = "ArgsEscaped"
            case healthcheck = "Healthcheck"
            case onBuild = "OnBuild"
            case shell = "Shell"
        }

        /// Makes an empty configuration.
        package init() {}

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            user = try container.decodeIfPresent(String.self, forKey: .user) ?? ""
            exposedPorts = try container.names(forKey: .exposedPorts)
            env = try container.decodeIfPresent([String].self, forKey: .env) ?? []
            entrypoint = try container.nonEmpty([String].self, forKey: .entrypoint)
            cmd = try container.nonEmpty([String].self, forKey: .cmd)
            volumes = try container.names(forKey: .volumes)
            workingDir = try container.decodeIfPresent(String.self, forKey: .workingDir) ?? ""
            labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
            stopSignal = try container.decodeIfPresent(String.self, forKey: .stopSignal) ?? ""
            argsEscaped = try container.decodeIfPresent(Bool.self, forKey: .argsEscaped) ?? false
            healthcheck = try container.decodeIfPresent(Healthcheck.self, forKey: .healthcheck)
            onBuild = try container.decodeIfPresent([String].self, forKey: .onBuild) ?? []
            shell = try container.decodeIfPresent([String].self, forKey: .shell) ?? []
        }

        /// The configuration with BuildKit's key order; empty fields are absent.
        var json: JSONText {
            let optional: [(String, JSONText?)] = [
                ("User", user.isEmpty ? nil : .string(user)),
                ("ExposedPorts", exposedPorts.isEmpty ? nil : .set(exposedPorts)),
                ("Env", list(env)),
                ("Entrypoint", list(entrypoint)),
                ("Cmd", list(cmd)),
                ("Volumes", volumes.isEmpty ? nil : .set(volumes)),
                ("WorkingDir", workingDir.isEmpty ? nil : .string(workingDir)),
                ("Labels", labels.isEmpty ? nil : .map(labels)),
                ("StopSignal", stopSignal.isEmpty ? nil : .string(stopSignal)),
                ("ArgsEscaped", argsEscaped ? .bool(true) : nil),
                ("Healthcheck", healthcheck?.json),
                ("OnBuild", list(onBuild)),
                ("Shell", list(shell)),
            ]
            return .object(optional.compactMap { name, value in value.map { (name, $0) } })
        }
    }
}

private func list(_ values: [String]?) -> JSONText? {
    values.flatMap { $0.isEmpty ? nil : .strings($0) }
}
