import ArgumentParser
import BuildProgress

/// How the build tells what it does; all of it on stderr.
struct ProgressOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The kind of progress output.", valueName: "mode"))
    var progress: ProgressChoice?

    @Flag(name: .shortAndLong, help: "No progress; print the image's digest on stdout.")
    var quiet = false

    /// Shows findings in full; an option of `docker` itself.
    @Flag(name: [.customShort("D"), .long], help: .hidden) var debug = false
}

/// The values of `--progress` and `BUILDKIT_PROGRESS`.
enum ProgressChoice: String, CaseIterable, ExpressibleByArgument {
    case auto
    case plain
    case tty
    case quiet
    case none
    case rawjson
}
