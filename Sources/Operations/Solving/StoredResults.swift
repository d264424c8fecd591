import BuildGraph
import BuildSolver
import OCI
import Storage

/// The results of earlier builds: in the cache directory, and in the caches that the build was told of.
package struct StoredResults: ResultStore {
    private let records: ResultRecords
    private let locks: Locks
    private let scope: String
    private let imported: [ImportedCache]
    private let notesContents: Bool

    /// The records of a context's cache directory, and behind them imported ones; unless it `notesContents`, what those
    /// say of contents is not written down here.
    package init(_ context: OperationContext, imported: [ImportedCache] = [], notesContents: Bool = true) {
        self.notesContents = notesContents
        records = context.cache.results
        locks = context.cache.locks
        scope = context.scope
        self.imported = imported
    }

    package func lookup(_ key: CacheKey) throws -> StoredResult<BuildOutput>? {
        if let record = try records.lookup(name(of: key)) { return stored(record) }
        for cache in imported {
            if let layers = cache.contents.layers(of: key) {
                return StoredResult(.imported(ImportedResult(key: key, layers: layers, cache: cache)))
            }
        }
        return nil
    }

    package func reserve(_ key: CacheKey) async throws -> (any Sendable)? {
        try await locks.acquireStep(name(of: key).description)
    }

    package func record(
        _ key: CacheKey,
        _ output: BuildOutput,
        vertex: Vertex,
        contents: [InputContent]
    ) throws -> StoredResult<BuildOutput> {
        guard let snapshot = output.snapshot else { return StoredResult(output) }
        for content in contents {
            guard let selector = Self.selector(of: vertex, input: content.input) else { continue }
            try records.note(content.digest, of: name(of: content.key), selector: selector)
        }
        return stored(try record(key, snapshot, description: vertex.name))
    }

    /// Keeps a snapshot for a key.
    @discardableResult
    func record(_ key: CacheKey, _ snapshot: Snapshot, description: String) throws -> ResultRecord {
        try records.record(name(of: key), snapshot, description: description)
    }

    package var recallsContents: Bool { true }

    package func recalledContent(of vertex: Vertex, input: Int, key: CacheKey) -> Digest? {
        guard let selector = Self.selector(of: vertex, input: input) else { return nil }
        let name = name(of: key)
        if let known = try? records.content(of: name, selector: selector) { return known }
        // What is here says more than what others say of it.
        guard !imported.isEmpty, (try? records.contains(name)) == false,
            let content = imported.lazy.compactMap({ $0.contents.content(of: key, selector: selector) }).first
        else { return nil }
        // Without a note the next build needs the cache again.
        if notesContents { try? records.note(content, of: name, selector: selector) }
        return content
    }

    private static func selector(of vertex: Vertex, input: Int) -> Digest? {
        guard case .content(let selectors) = vertex.inputKeyKind(input) else { return nil }
        return ContentSelector.digest(of: selectors)
    }

    private func stored(_ record: ResultRecord) -> StoredResult<BuildOutput> {
        let digest = record.original.flatMap { try? Digest(String($0.key)) }
        return StoredResult(.snapshot(record.snapshot), original: digest.map { CacheKey(digest: $0) })
    }

    private func name(of key: CacheKey) -> ResultKey { ResultKey(scope: scope, key: key) }
}
