import ArgumentParser

/// `swbuild build`: options to a ``BuildRequest``.
package struct BuildCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "build",
        // Parsed as a root, it need not look for the flags that only the true root has.
        _superCommandName: "swbuild",
        abstract: "Build from a Dockerfile.",
        discussion: """
            The context is a directory (the current one if none is named), a Git repository \
            (`https://host/owner/repo.git#branch:directory`), the URL of an archive or of a Dockerfile, or `-` for \
            either of these on standard input. Without `-o` the result stays in the cache.
            """
    )

    @Argument(
        help: ArgumentHelp("The build context: a directory, a URL (Git or an archive), or -.", valueName: "context"),
        completion: .directory
    )
    var context: String?

    // Each group costs the parser some 0.2 ms in every build, and each option 60 µs.
    @OptionGroup(title: "What to build") var source: SourceOptions
    @OptionGroup(title: "Outputs") var output: OutputOptions
    @OptionGroup(title: "Questions") var question: CallOptions
    @OptionGroup(title: "Cache") var cache: CacheOptions
    @OptionGroup(title: "Steps") var step: StepOptions
    @OptionGroup(title: "Progress") var progress: ProgressOptions

    package init() {}

    package func validate() throws {
        if progress.quiet, let mode = progress.progress, mode != ProgressChoice.quiet.rawValue {
            throw ValidationError("progress=\(mode) and quiet cannot be used together")
        }
        if cache.noCache, !cache.noCacheFilter.isEmpty {
            throw ValidationError("--no-cache and --no-cache-filter cannot currently be used together")
        }
    }
}
