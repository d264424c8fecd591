import ArgumentParser

/// What is built: the Dockerfile, its target, and the values handed to it.
struct SourceOptions: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .long],
        help: ArgumentHelp(
            "The Dockerfile: a path, a URL, or - for stdin (default: CONTEXT/Dockerfile).",
            valueName: "path"
        ),
        completion: .file()
    )
    var file: String?

    @Option(
        help: ArgumentHelp("The stage to build (default: the last).", valueName: "stage"),
        completion: .custom { StageCompletion.stages(arguments: $0, index: $1, prefix: $2) }
    )
    var target: String?

    @Option(
        help: ArgumentHelp(
            "A build argument; NAME alone takes its value from the environment.",
            valueName: "name=value"
        )
    )
    var buildArg: [String] = []

    @Option(
        help: ArgumentHelp(
            "A named context: NAME=DIR, a URL, oci-layout://DIR or docker-image://REF.",
            valueName: "name=source"
        )
    )
    var buildContext: [String] = []

    @Option(
        help: ArgumentHelp("The platform to build for.", valueName: "os/arch"),
        completion: .list([
            "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/riscv64", "linux/s390x",
        ])
    )
    var platform: [String] = []

    @Option(help: ArgumentHelp("A label for the image.", valueName: "key=value"))
    var label: [String] = []

    @Flag(inversion: .prefixedNo, help: .hidden)
    var pull = false
}
