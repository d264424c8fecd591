import BuildGraph
import DockerfileParser
import OCI

@testable import Frontend

/// Reads `request.txt`: one `key value` a line.
enum RequestText {
    struct Unknown: Error {
        let line: String
    }

    static func parse(_ text: String, dockerfile: SourceFile) throws -> FrontendRequest {
        var request = FrontendRequest(dockerfile: dockerfile)
        request.platforms.targets = [Platform(os: "linux", architecture: "amd64")]
        request.platforms.build = Platform(os: "linux", architecture: "amd64")
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            try apply(parts[0], parts.count == 2 ? parts[1] : "", to: &request)
        }
        return request
    }

    private static func apply(_ key: String, _ value: String, to request: inout FrontendRequest) throws {
        let pair = StageEnvironment.split(value)
        switch key {
        case "target": request.target = value
        case "build-arg": request.buildArguments[pair.name] = pair.value
        case "label": request.labels[pair.name] = pair.value
        case "platform":
            if !request.platforms.areExplicit { request.platforms.targets = [] }
            request.platforms.areExplicit = true
            request.platforms.targets.append(try Platform(parsing: value))
        case "build-platform": request.platforms.build = try Platform(parsing: value)
        case "emulated": request.platforms.emulated.append(try Platform(parsing: value))
        case "no-cache": request.cacheUse = value.isEmpty ? .none : .except(stages: [value])
        case "ignore": request.contexts.ignorePatterns.append(value)
        case "main": request.contexts.main = try mainContext(value)
        case "context": try addContext(value, to: &request.contexts)
        default: try applyDefault(key, value, to: &request.steps)
        }
    }

    private static func applyDefault(_ key: String, _ value: String, to steps: inout StepDefaults) throws {
        let pair = StageEnvironment.split(value)
        switch key {
        case "network": steps.network = try known(NetworkMode(rawValue: value), value)
        case "add-host": steps.extraHosts.append(ExtraHost(name: pair.name, address: pair.value))
        case "shm-size": steps.limits.shmSize = Int64(value)
        case "ulimit":
            let limits = pair.value.split(separator: ":").compactMap { Int64($0) }
            steps.limits.ulimits.append(Ulimit(name: pair.name, soft: limits[0], hard: limits.last ?? limits[0]))
        case "hostname": steps.hostname = value
        case "allow": steps.entitlements.insert(try known(Entitlement(rawValue: value), value))
        default: throw Unknown(line: "\(key) \(value)")
        }
    }

    private static func mainContext(_ value: String) throws -> ContextSource {
        if value == "empty" { return .empty }
        if let git = try GitReference.parse(value) { return .git(git.source) }
        return .archive(HTTPSource(url: value))
    }

    /// `name kind value`.
    private static func addContext(_ text: String, to contexts: inout ContextRequest) throws {
        let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
        let value = parts.count == 3 ? parts[2] : ""
        let context: NamedContext
        switch parts[1] {
        case "directory": context = .directory(ignorePatterns: value.isEmpty ? [] : [value])
        case "image": context = .image(try ImageReference(parsing: value))
        case "oci-layout": context = .ociLayout(path: value, tag: nil, digest: nil)
        case "git": context = .git(try known(try GitReference.parse(value), value).source)
        case "archive": context = .archive(HTTPSource(url: value))
        case "empty": context = .empty
        default: throw Unknown(line: text)
        }
        contexts.named[parts[0]] = context
    }

    private static func known<Value>(_ value: Value?, _ text: String) throws -> Value {
        guard let value else { throw Unknown(line: text) }
        return value
    }
}
