import ArgumentParser

/// What may come from the cache, and what is kept in it.
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

    @Option(
        help: ArgumentHelp(
            "The most that the cache directory may take, such as 20GB or 50% (default: $SWBUILD_CACHE_MAX_SIZE).",
            valueName: "size"
        )
    )
    var cacheMaxSize: String?

    @Option(
        help: ArgumentHelp(
            "Where a step finds the cache mount ID on a machine that has none: FILE or type=registry,ref=NAME.",
            valueName: "id=source"
        ),
        completion: .custom { CacheMountCompletion.ids(arguments: $0, index: $1, prefix: $2) }
    )
    var cacheMountFrom: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where to keep the cache mount ID after the build, if a step used it: FILE or type=registry,ref=NAME.",
            valueName: "id=dest"
        ),
        completion: .custom { CacheMountCompletion.ids(arguments: $0, index: $1, prefix: $2) }
    )
    var cacheMountTo: [String] = []
}
