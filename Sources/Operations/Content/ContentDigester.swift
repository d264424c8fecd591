import BuildGraph
import LinuxSystem
import OCI

/// Makes the digest by which what a copy or a bind mount takes enters a cache key (spec/05 §5.3): names, kinds,
/// permissions, owners, link targets, devices, file capabilities and bytes; never times.
struct ContentDigester {
    let tree: SourceTree
    let cancellation: CancellationFlag

    /// The digest of what `selectors` select, in their order.
    func digest(of selectors: [ContentSelector]) throws -> Digest {
        var hasher = DigestHasher()
        for selector in selectors {
            let selection = try SourceSelection(selector, in: tree)
            let filter = try CopyFilter(include: selector.includePatterns, exclude: selector.excludePatterns)
            hasher.update("selection \(selection.items.count);")
            for item in selection.items {
                if selection.isWildcard { hasher.update(framed: item.name.bytes) }
                try update(&hasher, item, filter, omitsRoot: selector.contentsOnly)
            }
        }
        return hasher.finalize()
    }

    private func update(
        _ hasher: inout DigestHasher,
        _ item: SourceSelection.Item,
        _ filter: CopyFilter,
        omitsRoot: Bool
    ) throws {
        var visitor = DigestVisitor(tree: tree, base: item.path, omitsRoot: omitsRoot, hasher: hasher)
        try SourceWalk(tree: tree, filter: filter, cancellation: cancellation).walk(item, &visitor)
        hasher = visitor.hasher
    }
}

extension DigestHasher {
    /// Adds bytes with their number in front, so that no two lists of fields look the same.
    mutating func update(framed bytes: [UInt8]) {
        update("\(bytes.count):")
        update(bytes)
    }
}
