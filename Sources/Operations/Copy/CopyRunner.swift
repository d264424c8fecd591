import Archive
import BuildGraph
import LinuxSystem
import Storage

/// Carries out one COPY or ADD on a mounted root.
struct CopyRunner {
    let root: WritableRoot
    let cancellation: CancellationFlag
    var sharing: CopySharing?
    /// Gets what is copied of a local directory.
    var lister: ContentLister?
    var writeBehind: WriteBehind?

    /// Copies what `copy` selects in `tree`.
    func run(_ copy: CopyAction, from tree: SourceTree) throws {
        try WorkerThreads.run("copy files") { try run(copy, from: tree, $0) }
    }

    private func run(_ copy: CopyAction, from tree: SourceTree, _ workers: WorkerThreads) throws {
        let owner = try copy.owner.map { try ResolvedOwner($0, in: root.directory().directory) }
        let attributes = try FileAttributes(owner: owner, mode: copy.mode, timestamp: copy.timestamp)
        let filter = try CopyFilter(include: copy.includePatterns, exclude: copy.excludePatterns)
        let walk = SourceWalk(tree: tree, filter: filter, cancellation: cancellation)
        let files = FileCopier(
            tree: tree,
            attributes: attributes,
            replacesExisting: copy.options.alwaysReplaceExisting,
            writeBehind: writeBehind
        )
        let copier = TreeCopier(files, workers)
        var isUnderWay = false
        for item in try SourceSelection(copy.selector, in: tree).items {
            // What is being copied holds the mount that is to be made anew; and what is below a directory gets its names
            // late, and this item may replace some of it.
            if root.isStale || isUnderWay { try workers.drain() }
            isUnderWay = item.status.kind == .directory
            let listing = lister.map { ContentListing($0, tree, item, omitsRoot: copy.options.contentsOnly) }
            if copy.options.attemptUnpack, try unpack(item, of: tree, copy, attributes) {
                sharing?.forgetAll()
                if var listing { try walk.walk(item, &listing) }
                continue
            }
            let copy = try visitor(for: item, copy, copier)
            var visitor = VisitorPair(first: copy, second: listing)
            try walk.walk(item, &visitor)
        }
    }

    private func visitor(
        for item: SourceSelection.Item,
        _ copy: CopyAction,
        _ copier: TreeCopier
    ) throws -> CopyVisitor {
        let resolver = DestinationResolver(
            root: try root.directory(),
            attributes: copier.attributes,
            createsParents: copy.options.createDestination,
            replacesExisting: copy.options.alwaysReplaceExisting
        )
        let destination = try resolver.resolve(
            copy.destination,
            for: item,
            contentsOnly: copy.options.contentsOnly
        )
        return try CopyVisitor(
            root: root,
            source: item.path,
            destination: destination,
            copier: copier,
            sharing: sharing
        )
    }

    /// Extracts `item` where it is an archive; false where it is none.
    private func unpack(
        _ item: SourceSelection.Item,
        of tree: SourceTree,
        _ copy: CopyAction,
        _ attributes: FileAttributes
    ) throws -> Bool {
        guard item.status.kind == .regular else { return false }
        let file = try tree.root.openFile(item.path, .readOnly, .noSymlinks)
        guard try isArchive(file) else { return false }
        let owner = attributes.uid.map { FileOwner(uid: $0, gid: attributes.gid ?? $0) }
        let root = try root.directory()
        let resolver = DestinationResolver(
            root: root,
            attributes: try FileAttributes(
                owner: ResolvedOwner(uid: owner?.uid, gid: owner?.gid),
                mode: nil,
                timestamp: nil
            ),
            createsParents: true,
            replacesExisting: false
        )
        let place = try resolver.directory(Path(copy.destination).lexicallyNormalized()).place
        let target = try root.directory.openDirectory(place, .noSymlinks)
        let options = ExtractionOptions(owner: owner)
        try extractArchive(FileSource(file), into: target, options: options, cancellation: cancellation)
        return true
    }
}
