import ArgumentParser

/// What is asked about a Dockerfile instead of building it.
struct CallOptions: ParsableArguments {
    @Flag(help: "Check the Dockerfile and build nothing: the same as --call=check.")
    var check = false

    @Option(
        help: ArgumentHelp(
            """
            build, check (what the build checks find), outline (arguments, secrets and agents of the target), targets \
            (the stages) or subrequests.describe; with ,format=json, for check also ,format=sarif and \
            ,ignorestatus=true.
            """,
            valueName: "method"
        ),
        completion: .list(CallSpecification.examples)
    )
    var call: String?

    /// The name that `--call` had once.
    @Option(help: .hidden) var print: String?
}
