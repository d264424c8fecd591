import BuildGraph
import DockerfileParser
import OCI

// Instructions that change the image's configuration and, but for `WORKDIR`, make no layer; spec/01 §1.11.
extension Lowering {
    mutating func lower(_ env: EnvInstruction) throws(FrontendError) {
        let pairs = try expanded(env.pairs, at: env.origin)
        for (name, value) in pairs {
            state.environment.set(name, value)
            state.image.setEnvironment(name: name, value: value)
        }
        state.record("ENV " + pairs.map { "\($0)=\($1)" }.joined(separator: " "), makesLayer: false)
    }

    mutating func lower(_ label: LabelInstruction) throws(FrontendError) {
        let pairs = try expanded(label.pairs, at: label.origin)
        for (name, value) in pairs { state.image.config.labels[name] = value }
        state.record("LABEL " + pairs.map { "\($0)=\($1)" }.joined(separator: " "), makesLayer: false)
    }

    /// All pairs see the environment before the instruction.
    private mutating func expanded(
        _ pairs: [KeyValue],
        at origin: Origin
    ) throws(FrontendError) -> [(String, String)] {
        var result: [(String, String)] = []
        for pair in pairs {
            result.append((try expand(pair.key, at: origin), try expand(pair.value, at: origin)))
        }
        return result
    }

    mutating func lower(_ arg: ArgInstruction) throws(FrontendError) {
        var texts: [String] = []
        for declaration in arg.declarations {
            let name = declaration.name
            var argument = DeclaredArgument(declaration, at: arg.origin)
            if let given = arguments.values[name] {
                argument.value = given
            } else if let text = declaration.defaultValue {
                argument.value = try expand(text, at: arg.origin)
            } else {
                argument.value = scope.environment[name]
                argument.isInherited = argument.value != nil
            }
            parameters[current, default: StageParameters()].declare(argument)
            let value = argument.value
            if let value, !BuildArguments.outsideEnvironment.contains(name) { state.environment.set(name, value) }
            state.declare(name, value)
            texts.append(name + (value.map { "=\($0)" } ?? ""))
        }
        state.record("ARG " + texts.joined(separator: " "), makesLayer: false)
    }

    mutating func lower(_ cmd: CmdInstruction) {
        let words = wrapped(cmd.command)
        state.image.config.cmd = words.isEmpty ? nil : words
        state.image.config.argsEscaped = true
        state.hasCommand = true
        state.record("CMD " + GoText.quoted(words), makesLayer: false)
    }

    mutating func lower(_ entrypoint: EntrypointInstruction) {
        let words = wrapped(entrypoint.command)
        state.image.config.entrypoint = words.isEmpty ? nil : words
        if !state.hasCommand { state.image.config.cmd = nil }
        state.record("ENTRYPOINT " + GoText.quoted(words), makesLayer: false)
    }

    /// The arguments of a command, with the shell before a text for the shell.
    func wrapped(_ command: CommandForm) -> [String] {
        switch command {
        case .exec(let arguments): arguments
        case .shell(let text): state.shell + [text]
        }
    }

    mutating func lower(_ shell: ShellInstruction) {
        state.image.config.shell = shell.arguments
        state.record("SHELL " + GoText.plain(shell.arguments), makesLayer: false)
    }

    mutating func lower(_ healthcheck: HealthcheckInstruction) {
        state.image.config.healthcheck = Healthcheck(
            test: healthcheck.test,
            interval: healthcheck.interval.nanoseconds,
            timeout: healthcheck.timeout.nanoseconds,
            startPeriod: healthcheck.startPeriod.nanoseconds,
            startInterval: healthcheck.startInterval.nanoseconds,
            retries: Int64(healthcheck.retries)
        )
        let durations = [
            ("Interval", healthcheck.interval), ("Timeout", healthcheck.timeout),
            ("StartPeriod", healthcheck.startPeriod), ("StartInterval", healthcheck.startInterval),
        ].map { "\($0):" + $1.description }.joined(separator: " ")
        state.record(
            "HEALTHCHECK {Test:\(GoText.plain(healthcheck.test)) \(durations) Retries:\(healthcheck.retries)}",
            makesLayer: false
        )
    }

    mutating func lower(_ maintainer: MaintainerInstruction) {
        state.image.author = maintainer.author
        state.record("MAINTAINER \(maintainer.author)", makesLayer: false)
    }

    mutating func lower(_ user: UserInstruction) throws(FrontendError) {
        let name = try expand(user.user, at: user.origin)
        state.image.config.user = name
        state.record("USER \(name)", makesLayer: false)
    }

    mutating func lower(_ stopSignal: StopSignalInstruction) throws(FrontendError) {
        let signal = try expand(stopSignal.signal, at: stopSignal.origin)
        do {
            try StopSignal.validate(signal)
        } catch {
            throw expansion.failure(error, at: stopSignal.origin)
        }
        state.image.config.stopSignal = signal
        state.record("STOPSIGNAL \(signal)", makesLayer: false)
    }

    mutating func lower(_ volume: VolumeInstruction) throws(FrontendError) {
        var paths: [String] = []
        for text in volume.paths {
            let path = try expand(text, at: volume.origin)
            if path.isEmpty { throw failure(.emptyVolume, at: volume.origin) }
            paths.append(path)
        }
        state.image.config.volumes.formUnion(paths)
        state.record("VOLUME " + GoText.plain(paths), makesLayer: false)
    }

    mutating func lower(_ expose: ExposeInstruction) throws(FrontendError) {
        var ports: [String] = []
        for text in expose.ports {
            let words = try expansion.words(text, state.environment, at: expose.origin)
            reportUndefined(words.undefinedNames, at: expose.origin)
            for word in words.words { ports += try exposed(word, at: expose.origin) }
        }
        state.image.config.exposedPorts.formUnion(ports)
        state.record("EXPOSE " + GoText.plain(ports), makesLayer: false)
    }

    private mutating func exposed(_ word: String, at origin: Origin) throws(FrontendError) -> [String] {
        do {
            let specification = try PortSpecification(parsing: word)
            for finding in specification.findings(at: origin.range) {
                lint.report(finding.rule, finding.message, at: origin)
            }
            return specification.ports
        } catch {
            throw expansion.failure(error, at: origin)
        }
    }

    mutating func lower(_ workdir: WorkdirInstruction) throws(FrontendError) {
        let path = try expand(workdir.path, at: workdir.origin)
        if !path.hasPrefix("/"), !state.hasWorkingDirectory {
            lint.report(
                .workdirRelativePath,
                "Relative workdir \(path.goQuoted) can have unexpected results if the base image changes",
                at: workdir.origin
            )
        }
        state.hasWorkingDirectory = true
        let previous = state.image.config.workingDir.isEmpty ? "/" : state.image.config.workingDir
        let directory = path.hasPrefix("/") ? path : path.isEmpty ? previous : PathText.join(previous, path)
        state.image.config.workingDir = directory
        // Every WORKDIR takes a step number, though the root needs no directory made.
        let name = nextStepName(workdir.origin)
        let makesLayer = directory != "/"
        if makesLayer {
            let owner = state.image.config.user.isEmpty ? nil : Ownership.owner(state.image.config.user)
            let action = MakeDirectoryAction(
                path: PathText.clean(directory),
                mode: 0o755,
                makeParents: true,
                owner: owner,
                timestamp: fileTime
            )
            advance(
                .file(FileOperation([.makeDirectory(action)])),
                inputs: [state.root],
                name: name,
                at: workdir.origin
            )
        }
        state.record("WORKDIR \(directory)", makesLayer: makesLayer)
    }
}
