/// `RUN`: runs a command.
package struct RunInstruction: Hashable, Sendable {
    package var origin: Origin
    /// Each `--mount` as written; see ``MountOptions/init(parsing:expanding:)``, which runs after expansion is possible.
    package var mounts: [String]
    /// `--network`: `default` where it is not given.
    package var network: RunNetwork
    /// `--security`: `sandbox` where it is not given.
    package var security: RunSecurity
    /// Each `--device`.
    package var devices: [DeviceRequest]
    package var command: CommandForm
    /// The documents below the instruction, in order; empty in the exec form.
    package var heredocs: [Heredoc]
}

/// The network of a `RUN`.
package enum RunNetwork: String, Hashable, Sendable {
    case sandbox = "default"
    case none
    case host
}

/// The security mode of a `RUN`.
package enum RunSecurity: String, Hashable, Sendable {
    case sandbox
    case insecure
}

/// A `--device` of a `RUN`: a CDI device, or a pattern of them.
package struct DeviceRequest: Hashable, Sendable {
    package var name: String
    /// Whether the build fails where the device is missing.
    package var required: Bool
}

/// What a `RUN` with heredocs amounts to (spec 1.4).
package enum RunScript: Hashable, Sendable {
    /// Arguments of the JSON form.
    case exec([String])
    /// One argument for the shell, heredocs already put in.
    case shell(String)
    /// A body that begins with `#!`: an executable file below `/dev/pipes/`, whose path is given to the shell.
    case file(name: String, body: [UInt8])
}

/// `CMD`: the default command of the image.
package struct CmdInstruction: Hashable, Sendable {
    package var origin: Origin
    package var command: CommandForm
}

/// `ENTRYPOINT`: the program of the image.
package struct EntrypointInstruction: Hashable, Sendable {
    package var origin: Origin
    package var command: CommandForm
}

/// `SHELL`: the program that runs shell forms; never empty.
package struct ShellInstruction: Hashable, Sendable {
    package var origin: Origin
    package var arguments: [String]
}

/// `HEALTHCHECK`: how a runtime tests the container.
package struct HealthcheckInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The command, or nil for `NONE`.
    package var command: CommandForm?
    package var interval: GoDuration = .zero
    package var timeout: GoDuration = .zero
    package var startPeriod: GoDuration = .zero
    package var startInterval: GoDuration = .zero
    package var retries: Int = 0

    /// The `Test` array of the image configuration: `NONE`, `CMD …` or `CMD-SHELL text`.
    package var test: [String] {
        switch command {
        case nil: ["NONE"]
        case .exec(let arguments): ["CMD"] + arguments
        case .shell(let text): ["CMD-SHELL", text]
        }
    }
}

/// `ONBUILD`: an instruction for builds that use the image as their base.
package struct OnBuildInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The text stored in the image: line, newline, raw body, terminator; see `Dockerfile.parseTrigger`.
    package var trigger: String
}
