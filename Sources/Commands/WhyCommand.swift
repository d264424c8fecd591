import ArgumentParser
import LinuxSystem
import Storage

/// `swbuild why`: why the steps of a build ran.
package struct WhyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell why the steps of a build ran, or would run.",
        usage: """
            swbuild why [<context>] [--build <build>] [--format <form>]
            swbuild why --dry-run [<options of build>] <context>
            """,
        discussion: """
            Explains the last build of the context directory (of the current one, or the last build at all, where none \
            is named): for each step whether its result was in the cache, and if not, what was different from the build \
            before: the file, the argument, the base image, the instruction, or the step that ran before it.

            With --dry-run it takes the options of `swbuild build`, looks every step up without running any, and tells what \
            a build would run now. It reads the caches of --cache-from, and asks servers whether a file of ADD is still the \
            one that was fetched last; neither layers nor files are fetched for it, and nothing is recorded.
            """
    )

    @Flag(help: "Look ahead: tell what a build with these options would run.")
    var dryRun = false

    @Option(
        help: ArgumentHelp("The build: an id, the beginning of one, or ^N.", valueName: "build"),
        completion: .builds
    )
    var build: String?

    @Option(help: ArgumentHelp("pretty, or json.", valueName: "form"))
    var format = DocumentForm.pretty

    @OptionGroup(visibility: .hidden)
    var options: BuildCommand

    package init() {}

    package func validate() throws {
        if dryRun, build != nil { throw ValidationError("--dry-run and --build cannot be used together") }
        if build != nil, options.context != nil { throw ValidationError("name a context or a build, not both") }
    }

    /// Explains a build that was.
    package func run() throws {
        let store = try HistoryStore.open()
        let records = try store.records()
        let record = try record(among: records, store)
        let older = records.filter { $0.startedAt < record.startedAt }
        let explanation = StepExplanation(record, older: older, listings: store.history?.listings)
        try WhyReport(explanation, isDryRun: false).print(format)
    }

    private func record(among records: [BuildRecord], _ store: HistoryStore) throws -> BuildRecord {
        if let build { return try store.record(named: build) }
        guard let context = options.context else {
            let here = try Directory.open(".").currentPath().string
            let ofHere = records.first { $0.definition.context == here || $0.definition.directory == here }
            guard let record = ofHere ?? records.first else { throw OptionError.conflicting("no records found") }
            return record
        }
        let name = try ContextLocation(parsing: context).recordedName
        guard let record = records.first(where: { $0.definition.context == name }) else {
            throw OptionError.conflicting("no build of `\(name)` is recorded")
        }
        return record
    }
}
