import BuildGraph
import LinuxSystem
import Storage

// What of a request is kept, and what must not be.
extension BuildRequest {
    /// The options that say something, by their long name, apart from those that have a place of their own.
    var recordedOptions: [String: [String]] {
        var options: [String: [String]] = [:]
        func add(_ name: String, _ values: [String]) { if !values.isEmpty { options[name] = values } }
        add("--network", steps.network == "default" || steps.network.isEmpty ? [] : [steps.network])
        add("--add-host", steps.extraHosts.map { "\($0.name)=\($0.address)" })
        add("--shm-size", steps.shmSize.map { ["\($0)"] } ?? [])
        add("--ulimit", steps.ulimits.map { "\($0.name)=\($0.soft):\($0.hard)" })
        add("--cgroup-parent", steps.cgroupParent.isEmpty ? [] : [steps.cgroupParent])
        add("--secret", steps.secrets.map { "id=\($0.id)" })
        add("--ssh", steps.agents.map(\.id))
        add("--allow", steps.allowed.sorted())
        add("--ca-certificates", steps.certificates.map { [$0] } ?? [])
        add("--no-cache", cache.ignoresAll ? ["true"] : [])
        add("--no-cache-filter", cache.ignoredStages)
        add("--tag", tags.map { "\($0)" })
        return options
    }

    /// What of the request is secret: arguments that sound like it, credentials in URLs.
    var sensitiveValues: [String] {
        var values = definition.buildArguments.flatMap { Redaction.sensitive($0.key, $0.value) }
        for text in definition.contexts.values { values += Redaction.sensitive(in: text) }
        return values + Redaction.sensitive(in: context.url ?? "")
    }
}

extension KeyPart {
    /// The value of a variable that sounds like a secret, and credentials in URLs.
    var sensitiveValues: [String] {
        kind == .environment
            ? Redaction.sensitive(name, value) : Redaction.sensitive(in: name) + Redaction.sensitive(in: value)
    }
}

extension ContextLocation {
    /// The context as a record names it: an absolute path, a URL, or `-`.
    var recordedName: String {
        switch self {
        case .directory(let path): (try? Directory.open(Path(path)).currentPath())?.string ?? path
        case .git, .http: url ?? ""
        case .standardInput: "-"
        }
    }

    /// The address of what is elsewhere, with what credentials it has.
    var url: String? {
        switch self {
        case .git(let source):
            source.url + (source.reference.map { "#\($0)" } ?? "") + (source.subdirectory.map { ":\($0)" } ?? "")
        case .http(let url): url
        case .directory, .standardInput: nil
        }
    }
}

extension DockerfileLocation {
    /// The Dockerfile as a record names it.
    var recordedName: String {
        switch self {
        case .inContext: "Dockerfile"
        case .path(let path), .url(let path): path
        case .standardInput: "-"
        }
    }
}
