import ArgumentParser

/// `swbuild cache`: the cache mounts of steps (`RUN --mount=type=cache`).
package struct CacheCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "List, export, import and remove cache mounts.",
        discussion: """
            A cache mount is a directory that steps keep between builds: `RUN --mount=type=cache,id=ID,target=…`. ID is \
            what the Dockerfile says, the target where it says none. While a step uses one, whoever wants to export or \
            replace it waits.
            """,
        subcommands: [
            CacheListCommand.self, CacheExportCommand.self, CacheImportCommand.self, CacheRemoveCommand.self,
        ]
    )

    package init() {}
}

/// Which cache mount is meant.
struct CacheMountOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The id of the cache mount, or the name of its volume.", valueName: "id"),
        completion: .custom { CacheMountCompletion.ids(arguments: $0, index: $1, prefix: $2) }
    )
    var mount: String
}
