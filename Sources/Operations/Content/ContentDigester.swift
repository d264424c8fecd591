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
        try WorkerThreads.run("hash files") { workers in
            var records = ContentRecords()
            for selector in selectors { try add(selector, to: &records, workers) }
            try workers.drain()
            records.flush()
            return records.digest()
        }
    }

    private func add(_ selector: ContentSelector, to records: inout ContentRecords, _ workers: WorkerThreads) throws {
        let selection = try SourceSelection(selector, in: tree)
        let filter = try CopyFilter(include: selector.includePatterns, exclude: selector.excludePatterns)
        let walk = SourceWalk(tree: tree, filter: filter, cancellation: cancellation)
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
    }
}
