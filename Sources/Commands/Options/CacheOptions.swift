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

    @Option(
        help: ArgumentHelp(
            "Also look for results in a cache elsewhere: `type=registry,ref=IMAGE`, `type=local,src=DIRECTORY`.",
            valueName: "cache"
        )
    )
    var cacheFrom: [String] = []

    @Option(
        help: ArgumentHelp(
            "Write the results to a cache elsewhere: `type=registry,ref=IMAGE`, `type=local,dest=DIRECTORY`, "
                + "`type=inline`; with `mode=max` those of all steps.",
            valueName: "cache"
        )
    )
    var cacheTo: [String] = []
}
