import ArgumentParser
import FoundationEssentials

/// What swift-argument-parser tells of a command and its options (its `--experimental-dump-help` form), of which the
/// manual pages are made.
struct CommandDescription: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [CommandDescription]?
    var arguments: [ArgumentDescription]?

    /// The description of the whole program.
    static func program() throws -> CommandDescription {
        struct Tool: Decodable { var command: CommandDescription }
        return try JSONDecoder().decode(Tool.self, from: Data(Swbuild._dumpHelp().utf8)).command
    }

    /// The subcommands that a user is told about.
    var visibleSubcommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
    }

    /// The options and arguments that a user is told about.
    var visibleArguments: [ArgumentDescription] {
        (arguments ?? []).filter(\.shouldDisplay)
    }
}

/// One option or argument of a command.
struct ArgumentDescription: Decodable {
    struct Name: Decodable {
        var kind: String
        var name: String

        /// As it is typed: `-o` or `--output`.
        var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    var kind: String
    var shouldDisplay: Bool
    var sectionTitle: String?
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var allValues: [String]?
    var abstract: String?
}
