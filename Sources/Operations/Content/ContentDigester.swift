import BuildGraph
import LinuxSystem
import OCI

/// Makes the digest by which what a copy or a bind mount takes enters a cache key (spec/05 §5.3): names, kinds,
/// permissions, owners, link targets, devices, file capabilities and bytes; never times.
struct ContentDigester {
    let tree: SourceTree
    let cancellation: CancellationFlag

    /// The digest of what `copy` takes.
    func digest(of copy: CopyAction) throws -> Digest {
        let selection = try SourceSelection(copy, in: tree)
        let filter = try CopyFilter(include: copy.includePatterns, exclude: copy.excludePatterns)
        var hasher = DigestHasher()
        for item in selection.items {
            if selection.isWildcard { hasher.update(framed: item.name.bytes) }
            try update(&hasher, item, filter, omitsRoot: copy.options.contentsOnly)
        }
        return hasher.finalize()
    }

    /// The digest of the whole of `path`, its own metadata included.
    func digest(ofPath path: String) throws -> Digest {
        var options = CopyOptions()
        options.allowWildcard = false
        let selection = try SourceSelection(CopyAction(input: nil, source: path, destination: "/", options: options), in: tree)
        var hasher = DigestHasher()
        for item in selection.items {
            try update(&hasher, item, try CopyFilter(include: [], exclude: []), omitsRoot: false)
        }
        return hasher.finalize()
    }

    private func update(
        _ hasher: inout DigestHasher, _ item: SourceSelection.Item, _ filter: CopyFilter, omitsRoot: Bool
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
