/// An image manifest: one configuration and its layers.
package struct Manifest: Hashable, Sendable, Decodable {
    package var mediaType: String
    package var artifactType: String?
    package var config: Descriptor
    package var layers: [Descriptor]
    package var subject: Descriptor?
    package var annotations: [String: String]

    private enum CodingKeys: String, CodingKey {
        case schemaVersion
        case mediaType
        case artifactType
        case config
        case layers
        case subject
        case annotations
        case manifests
        case fsLayers
    }

    /// Makes a manifest; what is not given is absent.
    package init(
        mediaType: String = MediaType.ociManifest,
        artifactType: String? = nil,
        config: Descriptor,
        layers: [Descriptor],
        subject: Descriptor? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }

    /// Reads a manifest; refuses schema 1, and a document that could also be read as an index.
    package init(json bytes: some Sequence<UInt8>) throws(DocumentError) {
        self = try decodeDocument(Manifest.self, kind: "manifest", bytes)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if container.contains(.fsLayers) {
            throw DocumentError.schema1
        }
        if container.contains(.manifests) {
            throw DocumentError.ambiguous(kind: "manifest", field: "manifests")
        }
        mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType) ?? ""
        artifactType = try container.nonEmpty(String.self, forKey: .artifactType)
        config = try container.decode(Descriptor.self, forKey: .config)
        layers = try container.decodeIfPresent([Descriptor].self, forKey: .layers) ?? []
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
    }

    /// Returns the bytes that BuildKit would write: indented by two spaces, no newline at the end.
    package func encoded() -> [UInt8] { json.indented() }

    /// The manifest with BuildKit's key order.
    package var json: JSONText {
        var members: [(String, JSONText)] = [("schemaVersion", .integer(2))]
        if !mediaType.isEmpty {
            members.append(("mediaType", .string(mediaType)))
        }
        if let artifactType {
            members.append(("artifactType", .string(artifactType)))
        }
        members.append(("config", config.json))
        members.append(("layers", .array(layers.map(\.json))))
        if let subject {
            members.append(("subject", subject.json))
        }
        if !annotations.isEmpty {
            members.append(("annotations", .map(annotations)))
        }
        return .object(members)
    }
}
