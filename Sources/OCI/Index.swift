/// An image index (docker: manifest list): manifests, each usually for one platform.
package struct Index: Hashable, Sendable, Decodable {
    package var mediaType: String
    package var artifactType: String?
    package var manifests: [Descriptor]
    package var subject: Descriptor?
    package var annotations: [String: String]

    private enum CodingKeys: String, CodingKey {
        case schemaVersion
        case mediaType
        case artifactType
        case manifests
        case subject
        case annotations
        case config
        case layers
        case fsLayers
    }

    /// Makes an index; what is not given is absent.
    package init(
        mediaType: String = MediaType.ociIndex,
        artifactType: String? = nil,
        manifests: [Descriptor],
        subject: Descriptor? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.manifests = manifests
        self.subject = subject
        self.annotations = annotations
    }

    /// Reads an index; refuses a document that could also be read as a manifest.
    package init(json bytes: some Sequence<UInt8>) throws(DocumentError) {
        self = try decodeDocument(Index.self, kind: "image index", bytes)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        for key in [CodingKeys.config, .layers, .fsLayers] where container.contains(key) {
            throw DocumentError.ambiguous(kind: "image index", field: key.rawValue)
        }
        mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType) ?? ""
        artifactType = try container.nonEmpty(String.self, forKey: .artifactType)
        manifests = try container.decodeIfPresent([Descriptor].self, forKey: .manifests) ?? []
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
    }

    /// The index with BuildKit's key order.
    package var json: JSONText {
        var members: [(String, JSONText)] = [("schemaVersion", .integer(2))]
        if !mediaType.isEmpty {
            members.append(("mediaType", .string(mediaType)))
        }
        if let artifactType {
            members.append(("artifactType", .string(artifactType)))
        }
        members.append(("manifests", .array(manifests.map(\.json))))
        if let subject {
            members.append(("subject", subject.json))
        }
        if !annotations.isEmpty {
            members.append(("annotations", .map(annotations)))
        }
        return .object(members)
    }

    /// Returns the bytes that BuildKit would write: indented by two spaces, no newline at the end.
    package func encoded() -> [UInt8] { json.indented() }
}
