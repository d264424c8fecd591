import ArgumentParser

/// What may come from the cache.
struct CacheOptions: ParsableArguments {
    @Flag(help: "Run every step, whatever the cache holds.")
    var noCache = false

    @Option(
        help: ArgumentHelp("Run the steps of this stage, whatever the cache holds.", valueName: "stage"),
        completion: .custom { StageCompletion.stages(arguments: $0, index: $1, prefix: $2) }
    )
    var noCacheFilter: [String] = []
}
