import BuildGraph
import BuildSolver
import OCI
import Operations

/// Looks results up and records none.
struct ReadOnlyResults<Output: Sendable>: ResultStore {
    let results: StoredResults
    /// What a result is for whoever looks it up.
    let output: @Sendable (BuildOutput) -> Output

    func lookup(_ key: CacheKey) throws -> StoredResult<Output>? {
        try results.lookup(key).map { StoredResult(output($0.output), original: $0.original) }
    }

    func record(
        _ key: CacheKey,
        _ output: Output,
        vertex: Vertex,
        contents: [InputContent]
    ) -> StoredResult<Output> {
        StoredResult(output)
    }

    var recallsContents: Bool { results.recallsContents }

    func recalledContent(of vertex: Vertex, input: Int, key: CacheKey) -> Digest? {
        results.recalledContent(of: vertex, input: input, key: key)
    }
}
