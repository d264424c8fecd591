import FoundationEssentials

/// What a document says about content elsewhere: its type, digest and size.
package struct Descriptor: Hashable, Sendable, Codable {
    package var mediaType: String
    package var digest: Digest
    /// The size in bytes, never negative.
    package var size: Int64
    /// Where foreign layers come from.
    package var urls: [String]
    package var annotations: [String: String]
    /// The content itself, where it is embedded.
    package var data: [UInt8]?
    package var platform: Platform?
    package var artifactType: String?

    private enum CodingKeys: String, CodingKey {
        case mediaType
        case digest
        case size
        case urls
        case annotations
        case data
        case platform
        case artifactType
    }

    /// Describes content; what is not given is absent.
    package init(
        mediaType: String,
        digest: Digest,
        size: Int64,
        urls: [String] = [],
        annotations: [String: String] = [:],
        data: [UInt8]? = nil,
        platform: Platform? = nil,
        artifactType: String? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.urls = urls
        self.annotations = annotations
        self.data = data
        self.platform = platform
        self.artifactType = artifactType
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType) ?? ""
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decodeIfPresent(Int64.self, forKey: .size) ?? 0
        guard size >= 0 else {
            throw DecodingError.dataCorruptedError(forKey: .size, in: container, debugDescription: "negative size")
        }
        urls = try container.decodeIfPresent([String].self, forKey: .urls) ?? []
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
        data = try container.decodeIfPresent(Data.self, forKey: .data).map { [UInt8]($0) }
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        artifactType = try container.nonEmpty(String.self, forKey: .artifactType)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        try container.encodeIfPresent(urls.isEmpty ? nil : urls, forKey: .urls)
        try container.encodeIfPresent(annotations.isEmpty ? nil : annotations, forKey: .annotations)
        try container.encodeIfPresent(data.map { Data($0) }, forKey: .data)
        try container.encodeIfPresent(platform, forKey: .platform)
        try container.encodeIfPresent(artifactType, forKey: .artifactType)
    }

    /// The descriptor with BuildKit's key order.
    package var json: JSONText {
        var members: [(String, JSONText)] = [
            ("mediaType", .string(mediaType)), ("digest", .string(digest.description)), ("size", .integer(size)),
        ]
        if !urls.isEmpty {
            members.append(("urls", .strings(urls)))
        }
        if !annotations.isEmpty {
            members.append(("annotations", .map(annotations)))
        }
        if let data, !data.isEmpty {
            members.append(("data", .string(Data(data).base64EncodedString())))
        }
        if let platform {
            members.append(("platform", platform.json))
        }
        if let artifactType {
            members.append(("artifactType", .string(artifactType)))
        }
        return .object(members)
    }
}

extension Platform {
    /// The platform with BuildKit's key order.
    package var json: JSONText {
        var members: [(String, JSONText)] = [("architecture", .string(architecture)), ("os", .string(os))]
        if let osVersion {
            members.append(("os.version", .string(osVersion)))
        }
        if !osFeatures.isEmpty {
            members.append(("os.features", .strings(osFeatures)))
        }
        if let variant {
            members.append(("variant", .string(variant)))
        }
        return .object(members)
    }
}
