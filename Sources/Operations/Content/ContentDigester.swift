import BuildGraph
import LinuxSystem
import OCI

/// Makes the digest by which what a copy or a bind mount takes enters a cache key (spec/05 §5.3): names, kinds,
/// permissions, owners, link targets, devices, file capabilities and bytes; never times.
struct ContentDigester {
    let tree: SourceTree
    let cancellation: CancellationFlag
    /// Gets what is digested of a snapshot, entry by entry.
    var lister: ContentLister?

    /// What was digested, with what tells cheaply that names are still the same.
    struct Content: Sendable {
        let digest: Digest
        /// The items of each selector.
        fileprivate let items: [[Path]]
        /// When the visited directories were last changed.
        fileprivate let directories: [Path: FileTime]
    }

    /// The digest of what `selectors` select, in their order.
    func digest(of selectors: [ContentSelector]) throws -> Content {
        try WorkerThreads.run("hash files") { workers in
            var records = ContentRecords(lister: lister)
            var items: [[Path]] = []
            for selector in selectors { items.append(try add(selector, to: &records, workers)) }
            try workers.drain()
            records.flush()
            return Content(digest: records.digest(), items: items, directories: records.directories)
        }
    }

    /// Whether a digest made now would be the same, for files that were compared with it one by one when they were read.
    ///
    /// Where no directory has changed, no name has, and nothing is read again.
    func isUnchanged(_ content: Content, _ selectors: [ContentSelector]) throws -> Bool {
        let items = try selectors.map { try SourceSelection($0, in: tree).items.map(\.path) }
        let isSame =
            try items == content.items
            && content.directories.allSatisfy { path, time in
                let status = path.isEmpty ? try tree.root.descriptor.status() : try tree.root.status(path, .noSymlinks)
                return status.changed == time
            }
        return try isSame || digest(of: selectors).digest == content.digest
    }

    /// Adds what a selector selects; gives the items.
    private func add(
        _ selector: ContentSelector,
        to records: inout ContentRecords,
        _ workers: WorkerThreads
    ) throws -> [Path] {
        let selection = try SourceSelection(selector, in: tree)
        let walk = try SourceWalk(selector, in: tree, cancellation)
        records.append("selection \(selection.items.count);")
        for item in selection.items {
            if selection.isWildcard { records.append(framed: item.name.bytes) }
            var visitor = DigestVisitor(
                tree: tree,
                base: item.path,
                omitsRoot: selector.contentsOnly,
                workers: workers,
                cancellation: cancellation,
                records: records
            )
            records = ContentRecords()
            try walk.walk(item, &visitor)
            records = visitor.records
        }
        return selection.items.map(\.path)
    }
}
