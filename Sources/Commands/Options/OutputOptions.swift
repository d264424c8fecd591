import ArgumentParser

/// Where the result goes.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: ArgumentHelp(
            "DIR, - (a tar on stdout), or type=local|tar|oci|docker|registry|cacheonly[,dest=PATH][,key=value…].",
            valueName: "output"
        ),
        completion: .directory
    )
    var output: [String] = []

    @Option(
        name: [.customShort("t", allowingJoined: true), .long],
        help: ArgumentHelp("The name of the image.", valueName: "name:tag")
    )
    var tag: [String] = []

    @Flag(help: "The same as -o type=registry.")
    var push = false

    @Flag(help: .hidden)
    var load = false

    @Option(help: ArgumentHelp("Write the image's digest to a file.", valueName: "path"), completion: .file())
    var iidfile: String?

    @Option(
        help: ArgumentHelp("Write what was made, or the answer of --call, to a JSON file.", valueName: "path"),
        completion: .file()
    )
    var metadataFile: String?

    // What `docker build` has besides: accepted where it asks for nothing, and refused with a reason where it does. What never
    // asks for anything is in ``IgnoredOptions``.
    @Option(help: .hidden) var provenance: String?
    @Option(help: .hidden) var sbom: String?
    @Option(help: .hidden) var attest: [String] = []
    @Option(help: .hidden) var annotation: [String] = []
    @Flag(help: .hidden) var squash = false
}
