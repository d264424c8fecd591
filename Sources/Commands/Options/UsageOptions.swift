import ArgumentParser

/// Which records of the cache are meant.
struct UsageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only what matches: id, parents, description or type with = != or ~=, inuse, mutable, shared, until=24h.",
            valueName: "filter"
        )
    )
    var filter: [String] = []

    @Option(help: ArgumentHelp(visibility: .hidden))
    var builder: String?
}
