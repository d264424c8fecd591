import BuildGraph
import BuildProgress
import BuildSolver
import OCI
import Operations
import Storage
import Synchronization

/// What a vertex results in where nothing runs.
enum ForeseenOutput: Sendable {
    /// It is in the cache, or a directory of this machine.
    case known(BuildOutput)
    /// It would be made.
    case unknown
}

/// Runs nothing: whatever is not in the cache results in something that is not known.
final class DryRunOperations: OperationRunner {
    private let dispatcher: OperationDispatcher
    private let unknowns = Mutex<[String: Set<Int>]>([:])

    init(_ dispatcher: OperationDispatcher) {
        self.dispatcher = dispatcher
    }

    /// The inputs whose content would be known only after others had run; by vertex, their indices.
    var unknown: [String: Set<Int>] { unknowns.withLock(\.self) }

    func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest? {
        try await dispatcher.cacheIdentity(of: vertex, progress: progress)
    }

    func contentDigest(of output: ForeseenOutput, for vertex: Vertex, input: Int) async throws -> Digest {
        guard case .known(let output) = output else {
            unknowns.withLock { _ = $0["\(vertex.id)", default: []].insert(input) }
            // Nothing has been recorded under a key with this.
            return .sha256(of: "unknown \(UInt64.random(in: 0...UInt64.max)) \(UInt64.random(in: 0...UInt64.max))")
        }
        return try await dispatcher.contentDigest(of: output, for: vertex, input: input)
    }

    func run(_ vertex: Vertex, inputs: [ForeseenOutput?], progress: VertexProgress) async throws -> ForeseenOutput {
        if case .source(.local) = vertex.operation {
            return .known(try await dispatcher.run(vertex, inputs: [], progress: progress))
        }
        let known = inputs.map { input -> BuildOutput? in
            if case .known(let output) = input { output } else { nil }
        }
        try await dispatcher.listContents(of: vertex, known)
        return .unknown
    }
}

/// Looks results up and records none.
struct DryRunResults: ResultStore {
    let results: StoredResults

    func lookup(_ key: CacheKey) throws -> StoredResult<ForeseenOutput>? {
        try results.lookup(key).map { StoredResult(.known($0.output), original: $0.original) }
    }

    func record(
        _ key: CacheKey,
        _ output: ForeseenOutput,
        vertex: Vertex,
        contents: [InputContent]
    ) -> StoredResult<ForeseenOutput> {
        StoredResult(output)
    }

    var recallsContents: Bool { results.recallsContents }

    func recalledContent(of vertex: Vertex, input: Int, key: CacheKey) -> Digest? {
        results.recalledContent(of: vertex, input: input, key: key)
    }
}
