import ArgumentParser
import LinuxSystem

/// The program from its arguments to its exit status.
package enum Program {
    /// Runs the command that the process's arguments ask for and returns the exit status: 0, 1, or 130 after an
    /// interruption (spec/09 §9.7).
    ///
    /// To be called on the main thread while it is the only one: a build enters its user namespace here.
    package static func run() -> Int32 {
        let arguments = Process.arguments
        if arguments == ["--version"] {
            // Without the parser, whose casts cost more than the rest of the program's start.
            StandardStream.output.print(Swbuild.configuration.version)
            return 0
        }
        Process.shareHeap()
        do {
            let arguments = try ArgumentNormalizer.normalize(arguments)
            if arguments.isEmpty || arguments == [BuildCommand._commandName] { throw OptionError.missingContext }
            let start = asksForText(arguments) || asksForAnswer(arguments) ? nil : EarlyStart(arguments)
            if let build = build(arguments) { return BuildProgram.run(build, start ?? EarlyStart(arguments)) }
            var command = try Swbuild.parseAsRoot(arguments)
            if let build = command as? BuildCommand { return BuildProgram.run(build, start ?? EarlyStart(arguments)) }
            if let why = command as? WhyCommand, why.dryRun {
                return BuildProgram.foresee(why, start ?? EarlyStart(arguments))
            }
            try command.run()
            return 0
        } catch {
            return report(error)
        }
    }

    /// Whether the arguments are for something that prints text and builds nothing.
    private static func asksForText(_ arguments: [String]) -> Bool {
        let flags = ["-h", "--help", "--help-hidden", "--version", "--experimental-dump-help"]
        return otherCommands.contains(arguments[0]) || arguments[0].hasPrefix("---")
            || arguments.contains { flags.contains($0) || $0.hasPrefix("--generate-completion-script") }
    }

    /// Whether the arguments look as if they asked for an answer about the Dockerfile, which needs no namespace and no
    /// cache; a build that looks so makes its start later.
    private static func asksForAnswer(_ arguments: [String]) -> Bool {
        arguments.contains { $0 == "--check" || $0.hasPrefix("--call") || $0.hasPrefix("--print") }
    }

    /// The subcommands but `build`; asking the types for their names takes the library longer than a lookup.
    static let otherCommands = ["help", "why", "history", "du", "prune", "cache", "doctor", "manual"]

    /// Parses a build without the root command above it, whose level costs the parser milliseconds.
    ///
    /// Nil for everything else and for whatever is wrong: parsed from the root, messages and help are the same for all.
    private static func build(_ arguments: [String]) -> BuildCommand? {
        let isBuild = arguments.first == BuildCommand._commandName
        if !isBuild, let first = arguments.first, otherCommands.contains(first) { return nil }
        return try? BuildCommand.parse(Array(arguments.dropFirst(isBuild ? 1 : 0)))
    }

    /// Prints what the parser has to say: help and versions on stdout with status 0, errors on stderr with status 1.
    private static func report(_ error: any Error) -> Int32 {
        if let error = error as? OptionError {
            ErrorReport(error).print()
            return 1
        }
        // Whoever throws one has said why.
        if let code = error as? ExitCode { return code.rawValue }
        let text = Swbuild.fullMessage(for: error)
        let isHelp = Swbuild.exitCode(for: error) == .success
        if !text.isEmpty { (isHelp ? StandardStream.output : .error).print(text) }
        return isHelp ? 0 : 1
    }
}
