import ArgumentParser

/// Options of `docker build` that are accepted where they ask for nothing, and refused with a reason where they do.
///
/// Those that never ask for anything are ``IgnoredOptions``.
struct LegacyOptions: ParsableArguments {
    @Flag(name: [.customShort("D"), .long], help: .hidden) var debug = false
    @Option(help: .hidden) var provenance: String?
    @Option(help: .hidden) var sbom: String?
    @Option(help: .hidden) var attest: [String] = []
    @Option(help: .hidden) var annotation: [String] = []
    @Flag(help: .hidden) var squash = false
}
