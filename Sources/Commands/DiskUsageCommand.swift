import ArgumentParser
import LinuxSystem
import Storage

/// `swbuild du`: what takes space in the cache directory.
package struct DiskUsageCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "du",
        abstract: "Show what takes space in the cache.",
        discussion: """
            Every file of the cache directory is counted: the total is what `du -s` says of it. Records with a `*` after \
            their ID can change. What a build uses now cannot be reclaimed.
            """
    )

    @OptionGroup var selection: UsageOptions

    @Flag(help: "Show all that is known of each record; the same as --format pretty.")
    var verbose = false

    @Option(help: "Show records as table, pretty, json, or a Go template such as 'table {{.ID}}\\t{{.Size}}'.")
    var format: String?

    package init() {}

    /// To be called on the main thread while it is the only one.
    package func run() throws {
        let (format, filter) = try CacheSession.reporting {
            (try UsageFormat(self.format, isVerbose: verbose), try UsageFilter(selection.filter))
        }
        try CacheSession.run { try Self.show(try $0.cache.measuredUsage(), format, filter) }
    }

    private static func show(_ records: [UsageRecord], _ format: UsageFormat, _ filter: UsageFilter) throws {
        let now = FileTime.now.seconds
        let shown = UsageFormat.sorted(records.filter { filter.matches($0, now: now) })
        let hasSummary = filter.isEmpty && format.hasSummary
        let text = format.text(shown, now: now) + (hasSummary ? UsageFormat.summary(shown) : "")
        try StandardStream.output.write(Array(text.utf8))
    }
}
