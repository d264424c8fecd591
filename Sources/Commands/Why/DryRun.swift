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
    private let unknown: Mutex<Foresight>

    init(_ dispatcher: OperationDispatcher, readsOtherCaches: Bool) {
        self.dispatcher = dispatcher
        unknown = Mutex(Foresight(readsOtherCaches: readsOtherCaches))
    }

    /// What could not be known so far.
    var foresight: Foresight { unknown.withLock(\.self) }

    func asksForIdentity(of vertex: Vertex) -> Bool { dispatcher.asksForIdentity(of: vertex) }

    /// As of a build, though no file is fetched for it.
    func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest? {
        guard case .source(.http(let source)) = vertex.operation, source.checksum == nil else {
            return try await dispatcher.cacheIdentity(of: vertex, progress: progress)
        }
        let reason: Foresight.Unknown
        switch try await dispatcher.context.files.foresee(source) {
        case .known(let pin): return vertex.cacheIdentity(pinnedTo: pin)
        case .changed: reason = .changed
        case .unknown(let failure): reason = .notDownloaded(failure: failure)
        }
        unknown.withLock { $0.downloads["\(vertex.id)"] = reason }
        return Self.unrecordedDigest
    }

    func contentDigest(of output: ForeseenOutput, for vertex: Vertex, input: Int) async throws -> Digest {
        let reason: Foresight.Unknown
        switch output {
        case .known(.imported(let result)): reason = .notFetched(cache: result.cache.name)
        case .known(let output): return try await dispatcher.contentDigest(of: output, for: vertex, input: input)
        case .unknown: reason = .notRun
        }
        unknown.withLock { unknown in
            let download = vertex.inputs[input].vertex.flatMap { unknown.downloads["\($0)"] }
            unknown.inputs["\(vertex.id)", default: [:]][input] = download ?? reason
        }
        return Self.unrecordedDigest
    }

    /// One with which nothing has been recorded.
    private static var unrecordedDigest: Digest {
        .sha256(of: "unknown \(UInt64.random(in: 0...UInt64.max)) \(UInt64.random(in: 0...UInt64.max))")
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
