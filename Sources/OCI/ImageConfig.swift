import FoundationEssentials

/// An image's configuration: its platform, how to run it, its history and its layers' digests.
package struct ImageConfig: Hashable, Sendable, Decodable {
    package var architecture: String
    package var author: String?
    package var config: RunConfig
    package var created: Timestamp?
    package var history: [HistoryEntry]
    /// The inline build cache, BuildKit's `moby.buildkit.cache.v0`: JSON bytes.
    package var inlineCache: [UInt8]?
    package var os: String
    package var osFeatures: [String]
    package var osVersion: String?
    /// The digests of the uncompressed layers, lowest first.
    package var diffIDs: [Digest]
    package var variant: String?

    private enum CodingKeys: String, CodingKey {
        case architecture
        case author
        case config
        case created
        case history
        case inlineCache = "moby.buildkit.cache.v0"
        case os
        case osFeatures = "os.features"
        case osVersion = "os.version"
        case rootfs
        case variant
    }

    private struct RootFileSystem: Decodable {
        let diffIDs: [Digest]?

        private enum CodingKeys: String, CodingKey {
            case diffIDs = "diff_ids"
        }
    }

    /// Makes the configuration of an empty image.
    package init(platform: Platform) {
        architecture = platform.architecture
        config = RunConfig()
        history = []
        os = platform.os
        osFeatures = platform.osFeatures
        osVersion = platform.osVersion
        diffIDs = []
        variant = platform.variant
    }

    /// Reads a configuration; unknown fields are dropped, as BuildKit does.
    package init(json bytes: some Sequence<UInt8>) throws(DocumentError) {
        self = try decodeDocument(ImageConfig.self, kind: "image configuration", bytes)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        author = try container.nonEmpty(String.self, forKey: .author)
        config = try container.decodeIfPresent(RunConfig.self, forKey: .config) ?? RunConfig()
        created = try container.decodeIfPresent(Timestamp.self, forKey: .created)
        history = try container.decodeIfPresent([HistoryEntry].self, forKey: .history) ?? []
        inlineCache = try container.decodeIfPresent(Data.self, forKey: .inlineCache).map { [UInt8]($0) }
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures) ?? []
        osVersion = try container.nonEmpty(String.self, forKey: .osVersion)
        diffIDs = try container.decodeIfPresent(RootFileSystem.self, forKey: .rootfs)?.diffIDs ?? []
        variant = try container.nonEmpty(String.self, forKey: .variant)
    }

    /// The platform that the image is for, as it is written.
    package var platform: Platform {
        get {
            Platform(
                os: os,
                architecture: architecture,
                variant: variant,
                osVersion: osVersion,
                osFeatures: osFeatures
            )
        }
        set {
            os = newValue.os
            architecture = newValue.architecture
            variant = newValue.variant
            osVersion = newValue.osVersion
            osFeatures = newValue.osFeatures
        }
    }

    /// Returns the bytes that BuildKit would write: compact, top-level keys sorted.
    package func encoded() -> [UInt8] {
        var members: [(String, JSONText)] = [("architecture", .string(architecture))]
        if let author {
            members.append(("author", .string(author)))
        }
        members.append(("config", config.json))
        members.append(("created", created.map { .string($0.description) } ?? .null))
        members.append(("history", .array(history.map(\.json))))
        if let inlineCache {
            members.append(("moby.buildkit.cache.v0", .string(Data(inlineCache).base64EncodedString())))
        }
        members.append(("os", .string(os)))
        if !osFeatures.isEmpty {
            members.append(("os.features", .strings(osFeatures)))
        }
        if let osVersion {
            members.append(("os.version", .string(osVersion)))
        }
        let digests = JSONText.strings(diffIDs.map(\.description))
        members.append(("rootfs", .object([("type", .string("layers")), ("diff_ids", digests)])))
        if let variant {
            members.append(("variant", .string(variant)))
        }
        return JSONText.object(members).compact()
    }
}
