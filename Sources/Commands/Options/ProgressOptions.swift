import ArgumentParser
import BuildProgress

/// How the build tells what it does; all of it on stderr.
struct ProgressOptions: ParsableArguments {
    // As text: an enumeration of its own would cost the parser half as much as a group.
    @Option(
        help: ArgumentHelp("The kind of progress output: \(ProgressChoice.names).", valueName: "mode"),
        completion: .list(ProgressChoice.allCases.map(\.rawValue))
    )
    var progress: String?

    @Flag(name: .shortAndLong, help: "No progress; print the image's digest on stdout.")
    var quiet = false

    /// Shows findings in full; an option of `docker` itself.
    @Flag(name: [.customShort("D"), .long], help: .hidden) var debug = false
}

/// The values of `--progress` and `BUILDKIT_PROGRESS`.
enum ProgressChoice: String, CaseIterable {
    case auto
    case plain
    case tty
    case quiet
    case none
    case rawjson

    /// All of them in words.
    static let names = "auto, plain, tty, quiet, none or rawjson"
}
