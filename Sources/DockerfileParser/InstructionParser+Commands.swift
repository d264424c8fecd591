extension InstructionParser {
    /// The command of `CMD` and `ENTRYPOINT`, which take no flags.
    func parseCommand() throws(ParseError) -> CommandForm {
        try refuseFlags()
        return commandForm
    }

    private var commandForm: CommandForm {
        switch line.arguments {
        case .json(let arguments): .exec(arguments)
        case .text(let text): .shell(text)
        default: .shell("")
        }
    }

    func parseRun() throws(ParseError) -> RunInstruction {
        let flags = try InstructionFlags(
            line.flags,
            allowing: ["mount": .strings, "network": .string, "security": .string, "device": .strings]
        )
        for mount in flags.strings("mount") { try MountOptions.check(mount) }
        let networkText = flags.string("network") ?? RunNetwork.sandbox.rawValue
        guard let network = RunNetwork(rawValue: networkText) else {
            throw ParseError("invalid network mode \(networkText.goQuoted)", culprit: networkText)
        }
        let securityText = flags.string("security") ?? RunSecurity.sandbox.rawValue
        guard let security = RunSecurity(rawValue: securityText) else {
            throw ParseError("security \(securityText.goQuoted) is not valid", culprit: securityText)
        }
        var devices: [DeviceRequest] = []
        for device in flags.strings("device") { devices.append(try DeviceRequest(parsing: device)) }
        return RunInstruction(
            origin: origin,
            mounts: flags.strings("mount"),
            network: network,
            security: security,
            devices: devices,
            command: commandForm,
            heredocs: line.heredocs
        )
    }

    func parseShell() throws(ParseError) -> ShellInstruction {
        try refuseFlags()
        guard case .json(let arguments) = line.arguments else {
            throw ParseError("SHELL requires the arguments to be in JSON form")
        }
        guard !arguments.isEmpty else { throw missingArgument }
        return ShellInstruction(origin: origin, arguments: arguments)
    }

    func parseHealthcheck() throws(ParseError) -> HealthcheckInstruction {
        guard case .typed(let type, let command) = line.arguments else { throw missingArgument }
        if type.uppercased() == "NONE" {
            guard command == .shell("") || command == .exec([]) else {
                throw ParseError("HEALTHCHECK NONE takes no arguments")
            }
            return HealthcheckInstruction(origin: origin, command: nil)
        }
        let flags = try InstructionFlags(
            line.flags,
            allowing: [
                "interval": .string, "timeout": .string, "start-period": .string, "start-interval": .string,
                "retries": .string,
            ]
        )
        guard type.uppercased() == "CMD" else {
            throw ParseError("Unknown type \(type.uppercased().goQuoted) in HEALTHCHECK (try CMD)", culprit: type)
        }
        guard command != .exec([]), command != .shell("") else {
            throw ParseError("Missing command after HEALTHCHECK CMD")
        }
        return HealthcheckInstruction(
            origin: origin,
            command: command,
            interval: try Self.interval("interval", in: flags),
            timeout: try Self.interval("timeout", in: flags),
            startPeriod: try Self.interval("start-period", in: flags),
            startInterval: try Self.interval("start-interval", in: flags),
            retries: try Self.retries(in: flags)
        )
    }

    private static func interval(_ name: String, in flags: InstructionFlags) throws(ParseError) -> GoDuration {
        guard let text = flags.string(name), !text.isEmpty else { return .zero }
        let duration = try GoDuration(parsing: text)
        guard duration == .zero || duration.nanoseconds >= 1_000_000 else {
            throw ParseError("Interval \(name.goQuoted) cannot be less than 1ms")
        }
        return duration
    }

    private static func retries(in flags: InstructionFlags) throws(ParseError) -> Int {
        guard let text = flags.string("retries"), !text.isEmpty else { return 0 }
        let digits =
            text.utf8.first == ASCII.dash || text.utf8.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy(ASCII.isDigit) else {
            throw ParseError("strconv.ParseInt: parsing \(text.goQuoted): invalid syntax", culprit: text)
        }
        guard let value = Int32(text) else {
            throw ParseError("strconv.ParseInt: parsing \(text.goQuoted): value out of range", culprit: text)
        }
        guard value >= 0 else { throw ParseError("--retries cannot be negative (\(value))") }
        return Int(value)
    }

    func parseOnBuild() throws(ParseError) -> OnBuildInstruction {
        guard case .nested(let word, _) = line.arguments else { throw missingArgument }
        try refuseFlags()
        switch InstructionKeyword(word: word) {
        case .onBuild: throw ParseError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
        case .maintainer, .from:
            throw ParseError("\(word.uppercased()) isn't allowed as an ONBUILD trigger", culprit: word)
        default: break
        }
        let text = line.text[...].trimmingWhiteSpace().dropFirst(line.word.utf8.count).drop(while: ASCII.isBlank)
        let documents = line.heredocs.map { "\n" + $0.body.text + $0.name }
        return OnBuildInstruction(origin: origin, trigger: text.text + documents.joined())
    }
}
