import ArgumentParser
import DockerfileParser
import LinuxSystem
import Storage

/// `swbuild prune`: removes what is in the cache directory.
package struct PruneCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove what is in the cache.",
        discussion: """
            What a build uses now stays, so that this can be run at any time. Without a size everything goes that \
            matches; with one, what was not used for longest goes until the rest fits.
            """
    )

    @OptionGroup var selection: UsageOptions

    @Flag(name: [.short, .long], help: "Also remove what the builder keeps for itself, such as indexes of contexts.")
    var all = false

    @Flag(name: [.short, .long], help: "Do not ask.")
    var force = false

    @Option(help: ArgumentHelp("Keep this much in any case.", valueName: "size"))
    var reservedSpace: String?

    @Option(help: ArgumentHelp("Let the cache take at most this much.", valueName: "size"))
    var maxUsedSpace: String?

    @Option(help: ArgumentHelp("Let at least this much of the disk be free.", valueName: "size"))
    var minFreeSpace: String?

    @Option(help: ArgumentHelp("The old name of --reserved-space.", valueName: "size", visibility: .hidden))
    var keepStorage: String?

    @Flag(help: "Show all that is known of each record that was removed.")
    var verbose = false

    @Option(help: ArgumentHelp(visibility: .hidden))
    var timeout: String?

    package init() {}

    /// To be called on the main thread while it is the only one.
    package func run() throws {
        let policy = try CacheSession.reporting { try self.policy() }
        if keepStorage != nil {
            StandardStream.error.print(
                "Flag --keep-storage has been deprecated, keep-storage flag has been changed to reserved-space"
            )
        }
        guard try force || confirms() else { return }
        let format: UsageFormat = verbose ? .pretty : .table
        try CacheSession.run { try Self.show(try $0.cache.prune([policy]), format) }
    }

    private func policy() throws -> PrunePolicy {
        let filter = try UsageFilter(selection.filter)
        return PrunePolicy(
            keepDuration: filter.unusedFor,
            all: all,
            reservedSpace: try size("--reserved-space", reservedSpace) ?? size("--keep-storage", keepStorage),
            maxUsedSpace: try size("--max-used-space", maxUsedSpace),
            minFreeSpace: try size("--min-free-space", minFreeSpace),
            matches: { filter.matches($0) }
        )
    }

    /// The bytes that an option says; 0 is as good as no limit.
    private func size(_ option: String, _ text: String?) throws -> Int64? {
        guard let text else { return nil }
        guard let size = ByteSize.parse(text) else {
            throw OptionError.invalidValue(option: option, value: text, reason: "a size such as `500MB` is expected")
        }
        return size == 0 ? nil : size
    }

    private func confirms() throws -> Bool {
        let what = all ? "all build cache" : "all dangling build cache"
        let question = "WARNING! This will remove \(what). Are you sure you want to continue? [y/N] "
        try StandardStream.output.write(Array(question.utf8))
        return readLine()?.lowercased() == "y"
    }

    private static func show(_ report: PruneReport, _ format: UsageFormat) throws {
        let now = FileTime.now.seconds
        let text = report.removed.isEmpty ? "" : format.text(report.removed, now: now)
        try StandardStream.output.write(Array("\(text)Total:\t\(HumanText.size(report.size))\n".utf8))
        for (record, error) in report.failures {
            StandardStream.error.print("WARNING: cannot remove \(record.id) (\(record.description)): \(error)")
        }
        if !report.failures.isEmpty { throw ExitCode.failure }
    }
}
