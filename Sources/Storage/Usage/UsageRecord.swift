/// One thing that takes space in the cache directory, as `du` shows it.
package struct UsageRecord: Hashable, Sendable {
    /// A layer's name, or a cache mount's directory.
    package var id: String
    package var parents: [String]
    package var kind: LayerKind
    /// Bytes on disk.
    package var size: Int64
    /// Seconds since 1970.
    package var createdAt: Int64
    package var lastUsed: Int64
    package var usageCount: Int
    package var description: String
    /// Whether steps may change it.
    package var isMutable: Bool
    /// Whether more than one other record stands upon it.
    package var isShared: Bool

    package init(
        id: String,
        parents: [String] = [],
        kind: LayerKind = .regular,
        size: Int64,
        createdAt: Int64,
        lastUsed: Int64,
        usageCount: Int = 1,
        description: String = "",
        isMutable: Bool = false,
        isShared: Bool = false
    ) {
        self.id = id
        self.parents = parents
        self.kind = kind
        self.size = size
        self.createdAt = createdAt
        self.lastUsed = lastUsed
        self.usageCount = usageCount
        self.description = description
        self.isMutable = isMutable
        self.isShared = isShared
    }
}
