/// One thing that takes space in the cache directory, as `du` shows it.
package struct UsageRecord: Hashable, Sendable {
    /// A name that is short and the same each time: a layer's or volume's own, or the first twelve digits of a digest.
    package var id: String
    /// What it is, where it can be removed by itself.
    package var item: CacheItem?
    package var parents: [String]
    package var kind: RecordKind
    /// Bytes on the disk.
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
    /// Whether a process uses it.
    package var isInUse: Bool

    package init(
        id: String,
        item: CacheItem? = nil,
        parents: [String] = [],
        kind: RecordKind = .regular,
        size: Int64,
        createdAt: Int64,
        lastUsed: Int64,
        usageCount: Int = 1,
        description: String = "",
        isMutable: Bool = false,
        isShared: Bool = false,
        isInUse: Bool = false
    ) {
        self.id = id
        self.item = item
        self.parents = parents
        self.kind = kind
        self.size = size
        self.createdAt = createdAt
        self.lastUsed = lastUsed
        self.usageCount = usageCount
        self.description = description
        self.isMutable = isMutable
        self.isShared = isShared
        self.isInUse = isInUse
    }

    /// Whether `prune` may remove it now.
    package var isReclaimable: Bool { item != nil && !isInUse }
}
