import ArgumentParser

/// Options of `docker build` that have no effect here, accepted so that a command line need not be edited.
struct LegacyOptions: ParsableArguments {
    @Option(help: .hidden) var builder: String?
    @Flag(help: .hidden) var rm = false
    @Flag(help: .hidden) var forceRm = false
    @Flag(help: .hidden) var compress = false
    @Flag(name: [.customShort("D"), .long], help: .hidden) var debug = false
    // Limits for the containers of the classic builder; buildx takes and ignores them too.
    @Option(name: [.customShort("m"), .long], help: .hidden) var memory: String?
    @Option(help: .hidden) var memorySwap: String?
    @Option(name: [.customShort("c"), .long], help: .hidden) var cpuShares: String?
    @Option(help: .hidden) var cpuPeriod: String?
    @Option(help: .hidden) var cpuQuota: String?
    @Option(help: .hidden) var cpusetCpus: String?
    @Option(help: .hidden) var cpusetMems: String?
    @Option(help: .hidden) var securityOpt: [String] = []

    // Refused with a reason, unless they say no.
    @Option(help: .hidden) var provenance: String?
    @Option(help: .hidden) var sbom: String?
    @Option(help: .hidden) var attest: [String] = []
    @Option(help: .hidden) var cacheFrom: [String] = []
    @Option(help: .hidden) var cacheTo: [String] = []
    @Option(help: .hidden) var annotation: [String] = []
    @Flag(help: .hidden) var squash = false
}
