import OCI

/// One thing in the cache directory that processes use and that can be removed by itself.
package enum CacheItem: Hashable, Sendable {
    case layer(LayerID)
    case blob(Digest)
    /// A cache mount, by the name of its directory.
    case volume(String)
    /// A copy of a Git repository, by the name of its directory.
    case mirror(String)
    /// The index of a context directory, by the name of its file.
    case contextIndex(String)

    /// The byte that stands for the item in the file of locks: its kind in the highest byte, then 56 bits of its name.
    ///
    /// Two items with the same byte are only ever thought to be in use together.
    var lockOffset: Int64 {
        switch self {
        case .layer(let id): Self.offset(0, id.name)
        case .blob(let digest): Self.offset(1, digest.hex)
        case .volume(let name): Self.offset(2, name)
        case .mirror(let name): Self.offset(3, name)
        case .contextIndex(let name): Self.offset(4, name)
        }
    }

    private static func offset(_ kind: Int64, _ name: String) -> Int64 {
        let digits = name.prefix(14)
        let number = Int64(digits, radix: 16) ?? Int64(Digest.sha256(of: name).hex.prefix(14), radix: 16) ?? 0
        return kind << 56 | number
    }
}
