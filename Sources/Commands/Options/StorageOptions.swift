import ArgumentParser

/// What is kept in the cache directory.
struct StorageOptions: ParsableArguments {
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
