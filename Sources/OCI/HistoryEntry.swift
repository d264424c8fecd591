/// One line of an image's history.
package struct HistoryEntry: Hashable, Sendable, Decodable {
    package var created: Timestamp?
    package var createdBy: String
    package var author: String
    package var comment: String
    /// Whether the step made no layer.
    package var emptyLayer: Bool

    private enum CodingKeys: String, CodingKey {
        case created
        case createdBy = "created_by"
        case author
        case comment
        case emptyLayer = "empty_layer"
    }

    /// Makes an entry; empty texts are absent from the document.
    package init(
        created: Timestamp? = nil,
        createdBy: String = "",
        author: String = "",
        comment: String = "",
        emptyLayer: Bool = false
    ) {
        self.created = created
        self.createdBy = createdBy
        self.author = author
        self.comment = comment
        self.emptyLayer = emptyLayer
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        created = try container.decodeIfPresent(Timestamp.self, forKey: .created)
        createdBy = try container.decodeIfPresent(String.self, forKey: .createdBy) ?? ""
        author = try container.decodeIfPresent(String.self, forKey: .author) ?? ""
        comment = try container.decodeIfPresent(String.self, forKey: .comment) ?? ""
        emptyLayer = try container.decodeIfPresent(Bool.self, forKey: .emptyLayer) ?? false
    }

    var json: JSONText {
        var members: [(String, JSONText)] = []
        if let created {
            members.append(("created", .string(created.description)))
        }
        for (name, text) in [("created_by", createdBy), ("author", author), ("comment", comment)] where !text.isEmpty {
            members.append((name, .string(text)))
        }
        if emptyLayer {
            members.append(("empty_layer", .bool(true)))
        }
        return .object(members)
    }
}
