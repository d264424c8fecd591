import BuildGraph

/// The build arguments that mean something to the builder itself; spec/01 §1.7.
struct BuildArguments: Hashable, Sendable {
    /// All of them, for `ARG`.
    let values: [String: String]

    /// What stands before the slash and the ids of cache mounts; empty where nothing does.
    var cacheMountNamespace: String { values["BUILDKIT_CACHE_MOUNT_NS"] ?? "" }

    /// The host name that steps see, or nil.
    var sandboxHostname: String? { values["BUILDKIT_SANDBOX_HOSTNAME"].flatMap { $0.isEmpty ? nil : $0 } }

    /// Proxies as `NAME=value`, upper-case spelling first; an empty list when there are none.
    ///
    /// Arguments are taken in sorted order and whatever their case; a later one wins.
    var proxyEnvironment: [String] {
        var proxies: [String: String] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where Self.proxyNames.contains(name.uppercased()) {
            proxies[name.uppercased()] = value
        }
        return Self.proxyNames.flatMap { name in
            proxies[name].map { ["\(name)=\($0)", "\(name.lowercased())=\($0)"] } ?? []
        }
    }

    /// Whether the result is an index even for one platform; nil where it isn't said.
    func multiPlatform() throws(FrontendError) -> Bool? { try boolean("BUILDKIT_MULTI_PLATFORM") }

    /// Whether a Git context keeps its `.git` directory; nil where it isn't said.
    func keepGitDirectory() throws(FrontendError) -> Bool? { try boolean("BUILDKIT_CONTEXT_KEEP_GIT_DIR") }

    /// Throws for arguments that asked for something that no longer exists.
    func checkRemoved() throws(FrontendError) {
        if try boolean("BUILDKIT_DISABLE_FILEOP") == true {
            throw FrontendError(.removedArgument("BUILDKIT_DISABLE_FILEOP"), at: [])
        }
    }

    /// Names that may be declared but never reach the environment.
    static let outsideEnvironment: Set<String> = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]

    private static let proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"]

    private func boolean(_ name: String) throws(FrontendError) -> Bool? {
        guard let text = values[name] else { return nil }
        guard let value = BooleanText.value(of: text) else {
            throw FrontendError(.invalidBoolean(argument: name, value: text), at: [])
        }
        return value
    }
}
