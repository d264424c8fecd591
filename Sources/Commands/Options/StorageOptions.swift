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
}
