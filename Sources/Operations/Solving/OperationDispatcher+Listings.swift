import BuildGraph
import LinuxSystem
import OCI
import Storage

// The listings of contents, by which a later build can say which file changed.
extension OperationDispatcher {
    /// What lists the local directories that the vertex, which is about to run, takes files from, by input index; none for
    /// those whose content was listed before.
    ///
    /// A build in which nothing runs lists nothing.
    func listers(of vertex: Vertex, _ inputs: [BuildOutput?]) -> [Int: ContentLister] {
        var listers: [Int: ContentLister] = [:]
        for (index, input) in inputs.enumerated() {
            guard case .local = input, let content = localContent(of: vertex, index) else { continue }
            listers[index] = ContentLister(context.cache.history.listings, of: content.digest)
        }
        return listers
    }

    /// Lists what the vertex would take of local directories if it ran.
    package func listContents(of vertex: Vertex, _ inputs: [BuildOutput?]) async throws {
        for lister in try await unfinishedListings(of: vertex, inputs) { lister.finish() }
    }

    /// Lists what a step sees of local directories: what was hashed for the key, and no file is read again.
    ///
    /// The listings are to be finished when the step has ended and nothing has changed.
    func unfinishedListings(of vertex: Vertex, _ inputs: [BuildOutput?]) async throws -> [ContentLister] {
        let listers = listers(of: vertex, inputs)
        for (index, lister) in listers {
            guard case .local(let tree) = inputs[index], case .content(let selectors) = vertex.inputKeyKind(index)
            else { continue }
            try await BlockingThread.run("list") { flag in
                do {
                    try ContentListing.list(selectors, of: tree, lister, flag)
                } catch {
                    // What is wrong with the context is for the step to say.
                    lister.abandon()
                    try flag.check()
                }
            }
        }
        return Array(listers.values)
    }

    /// The digest of what is selected of a snapshot, which is listed at once: its files are read only here.
    func listedContent(of output: BuildOutput, _ selectors: [ContentSelector]) async throws -> Digest {
        let tree = try tree(of: output)
        let listings = context.cache.history.listings
        return try await BlockingThread.run("digest") { flag in
            let lister = ContentLister(listings)
            let content = try ContentDigester(tree: tree, cancellation: flag, lister: lister).digest(of: selectors)
            if !listings.contains(content.digest) { lister?.finish(content.digest) }
            return content.digest
        }
    }
}
