import BuildGraph
import LinuxSystem
import OCI
import Storage

// The listings of contents, by which a later build can say which file changed.
extension OperationDispatcher {
    /// Lists what the vertex, which is about to run, takes of local directories, unless that was done before.
    ///
    /// A build in which nothing runs lists nothing. No file is read again: what was hashed for the key is listed, and if
    /// that has changed since there is no listing.
    package func listContents(of vertex: Vertex, _ inputs: [BuildOutput?]) async throws {
        let listings = context.cache.history.listings
        for (index, input) in inputs.enumerated() {
            let place = LocalInput(vertex: vertex.id, index: index)
            guard case .local(let tree) = input, case .content(let selectors) = vertex.inputKeyKind(index),
                let expected = localContents.withLock({ $0[place]?.digest }), !listings.contains(expected)
            else { continue }
            try await BlockingThread.run("list") { flag in
                guard let lister = ContentLister(listings) else { return }
                let digester = ContentDigester(tree: tree, cancellation: flag, lister: lister)
                // What is wrong with the context is for the operation to say.
                let content = try? digester.digest(of: selectors)
                if content?.digest == expected { lister.finish(expected) }
                try flag.check()
            }
        }
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
