import ArgumentParser

/// Options of `docker build` that have no effect here, accepted so that a command line need not be edited.
struct LegacyOptions: ParsableArguments {
    @Option(help: .hidden) var builder: String?
    @Flag(help: .hidden) var rm = false
    @Flag(help: .hidden) var forceRm = false
    @Flag(help: .hidden) var compress = false
    @Flag(name: [.customShort("D"), .long], help: .hidden) var debug = false
    @Option(help: .hidden) var provenance: String?
    @Option(help: .hidden) var sbom: String?
}
