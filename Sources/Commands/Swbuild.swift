import ArgumentParser

/// The root of the command line: `swbuild …` is `swbuild build …`.
package struct Swbuild: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "swbuild",
        abstract: "Build files and container images from a Dockerfile, without a daemon.",
        discussion: """
            `swbuild -o out .` builds the Dockerfile of the current directory and writes the files of its result to \
            `out`. `swbuild …` is the same as `swbuild build …`.
            """,
        version: version,
        subcommands: [
            BuildCommand.self, WhyCommand.self, HistoryCommand.self, DiskUsageCommand.self, PruneCommand.self,
            CacheCommand.self, DoctorCommand.self, ManualCommand.self,
        ],
        defaultSubcommand: BuildCommand.self
    )

    package static let version = "0.1.0"

    package init() {}
}
