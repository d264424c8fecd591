import OCI

@testable import Frontend

/// A resolver that knows the images of a table: `image <reference> [platform]`, then indented `key value` lines.
struct ImageTable: ImageResolver {
    struct Missing: Error, CustomStringConvertible {
        let image: ImageLocator
        var description: String { "\(image): not found" }
    }

    struct Malformed: Error {
        let line: String
    }

    private struct Entry {
        let name: String
        let platform: Platform
        var config: ImageConfig
    }

    private var entries: [Entry] = []

    init(shared: String, own: String) throws {
        for line in (own + "\n" + shared).split(separator: "\n") where !line.hasPrefix("#") {
            let isDetail = line.hasPrefix(" ")
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let key = parts.first, parts.count == 2 else { throw Malformed(line: String(line)) }
            if isDetail {
                guard !entries.isEmpty else { throw Malformed(line: String(line)) }
                try Self.apply(key, parts[1], to: &entries[entries.count - 1].config)
            } else {
                entries.append(try Self.entry(parts[1]))
            }
        }
    }

    func resolve(_ image: ImageLocator, platform: Platform, mode: ImageResolveMode) throws -> ResolvedImage {
        let named = entries.filter { $0.name == image.description }
        let ranked = named.compactMap { entry in platform.rank(of: entry.platform).map { (rank: $0, entry: entry) } }
        guard let match = ranked.min(by: { $0.rank < $1.rank })?.entry ?? named.first else {
            throw Missing(image: image)
        }
        return ResolvedImage(
            digest: .sha256(of: match.name),
            manifest: .sha256(of: "\(match.name) \(match.platform)"),
            config: match.config,
            platform: match.platform
        )
    }

    private static func entry(_ text: String) throws -> Entry {
        let parts = text.split(separator: " ").map(String.init)
        let platform = try Platform(parsing: parts.count == 2 ? parts[1] : "linux/amd64")
        var config = ImageConfig(platform: platform)
        config.created = Timestamp(seconds: 1_700_000_000)
        config.history = [HistoryEntry(created: Timestamp(seconds: 1_700_000_000), createdBy: "base")]
        config.diffIDs = [.sha256(of: "layer of \(text)")]
        return Entry(name: parts[0], platform: platform, config: config)
    }

    private static func apply(_ key: String, _ value: String, to config: inout ImageConfig) throws {
        let words = value.split(separator: " ").map(String.init)
        let pair = StageEnvironment.split(value)
        switch key {
        case "env": config.config.env.append(value)
        case "cmd": config.config.cmd = words
        case "entrypoint": config.config.entrypoint = words
        case "workdir": config.config.workingDir = value
        case "user": config.config.user = value
        case "volume": config.config.volumes.insert(value)
        case "port": config.config.exposedPorts.insert(value)
        case "label": config.config.labels[pair.name] = pair.value
        case "shell": config.config.shell = words
        case "onbuild": config.config.onBuild.append(value)
        case "author": config.author = value
        case "layers":
            config.diffIDs = []
            config.history = [HistoryEntry(createdBy: "metadata", emptyLayer: true)]
        default: throw Malformed(line: "\(key) \(value)")
        }
    }
}
