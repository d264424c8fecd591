import ArgumentParser
import LinuxSystem
import Storage

/// `swbuild history`: the builds that were.
package struct HistoryCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List, inspect and remove the records of builds.",
        discussion: """
            The last \(BuildHistory.count) builds, failed and interrupted ones too, are kept with their steps, keys and logs \
            in at most \(BuildHistory.size >> 20) MiB. No secret is kept: neither values of secrets, nor credentials of \
            URLs and proxies, nor values of arguments and variables whose names sound like one.

            A build is named by its id, by the beginning of it, or by ^N: the last one is ^0, the one before ^1.
            """,
        subcommands: [
            HistoryListCommand.self, HistoryInspectCommand.self, HistoryLogsCommand.self, HistoryRemoveCommand.self,
        ]
    )

    package init() {}
}

/// `swbuild history ls`.
struct HistoryListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List build records.",
        discussion: """
            Filters are `ref`, `repository` and `status` (completed, error, canceled) with `=` or `!=`, and `startedAt`, \
            `completedAt` (a time, or how long ago, as 2h) and `duration` with `<`, `<=`, `>` or `>=`.
            """
    )

    @Option(help: ArgumentHelp("table, or json for an object a line.", valueName: "form"))
    var format = TableForm.table

    @Option(
        help: ArgumentHelp("Show only builds of which this holds, as status=error.", valueName: "condition"),
        completion: .list(["status=completed", "status=error", "status=canceled", "ref=", "duration>"])
    )
    var filter: [String] = []

    @Flag(name: .shortAndLong, help: "Show ids only.")
    var quiet = false

    @Flag(help: "Do not shorten names.")
    var noTrunc = false

    func run() throws {
        var filters: [HistoryFilter] = []
        for text in filter { filters.append(try HistoryFilter(parsing: text)) }
        let history = try HistoryStore.open()
        let records = try history.records().filter { record in filters.allSatisfy { $0.matches(record) } }
        switch (quiet, format) {
        case (true, _): for record in records { StandardStream.output.print(record.id) }
        case (false, .json): for record in records { StandardStream.output.print(record.summary.line) }
        case (false, .table): try StandardStream.output.write(Array(HistoryText.table(records, !noTrunc).utf8))
        }
    }
}

/// `swbuild history inspect`.
struct HistoryInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the record of a build."
    )

    @Argument(help: ArgumentHelp("The build (default: the last).", valueName: "build"), completion: .builds)
    var build: String?

    @Option(help: ArgumentHelp("pretty, or json.", valueName: "form"))
    var format = DocumentForm.pretty

    func run() throws {
        let record = try HistoryStore.open().record(named: build)
        switch format {
        case .pretty: try StandardStream.output.write(Array(HistoryText.pretty(record).utf8))
        case .json: StandardStream.output.print(String(decoding: record.document.indented(), as: UTF8.self))
        }
    }
}

/// `swbuild history logs`.
struct HistoryLogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the progress of a build as it was.",
        discussion: "Of long logs the beginning and the end are kept."
    )

    @Argument(help: ArgumentHelp("The build (default: the last).", valueName: "build"), completion: .builds)
    var build: String?

    @Option(help: ArgumentHelp("plain or rawjson.", valueName: "mode"))
    var progress = LogForm.plain

    func run() throws {
        let history = try HistoryStore.open()
        let entry = try history.entry(named: build)
        let replay = ProgressReplay(try history.record(entry), log: try history.log(entry))
        try StandardStream.output.write(replay.text(progress))
    }
}

/// `swbuild history rm`.
struct HistoryRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove build records; results stay in the cache."
    )

    @Argument(help: ArgumentHelp("The builds to forget.", valueName: "build"), completion: .builds)
    var builds: [String] = []

    @Flag(help: "Remove all build records.")
    var all = false

    func validate() throws {
        if builds.isEmpty, !all { throw ValidationError("rm requires at least one argument") }
        if !builds.isEmpty, all { throw ValidationError("rm requires either --all or at least one argument") }
    }

    func run() throws {
        let history = try HistoryStore.open()
        try history.remove(all ? try history.entries() : try builds.map { try history.entry(named: $0) })
    }
}

/// The values of `history ls --format`.
enum TableForm: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
}

/// The values of `--format` where one thing is shown.
enum DocumentForm: String, CaseIterable, ExpressibleByArgument {
    case pretty
    case json
}

/// The values of `history logs --progress`.
enum LogForm: String, CaseIterable, ExpressibleByArgument {
    case plain
    case rawjson
}

extension CompletionKind {
    /// The ids of builds.
    static var builds: CompletionKind {
        .custom { _, _, prefix in
            let entries = try? HistoryStore.open().entries()
            return (entries ?? []).map(\.id).filter { $0.hasPrefix(prefix) }
        }
    }
}
