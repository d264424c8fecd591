import BuildGraph
import BuildProgress
import BuildSolver
import Frontend
import OCI
import Operations
import Synchronization

/// Goes the way of a build while registries are asked, as if images were what they were in the last one.
///
/// It runs nothing, tells nothing and decides nothing: the build asks for all of it again, with the answers, and finds
/// local directories digested and results looked up. Where something would have to run it ends.
final class Rehearsal: Sendable {
    private let dispatcher: OperationDispatcher
    private let isOver = Mutex(false)

    init(_ dispatcher: OperationDispatcher) {
        self.dispatcher = dispatcher
    }

    /// Begins with a definition; what goes wrong goes wrong in the build, too, and is told there.
    func begin(_ definition: ReadDefinition, _ request: FrontendRequest) {
        Task.detached { [self] in
            let frontend = DockerfileFrontend(resolver: SupposingResolver(images: dispatcher.context.images))
            guard let lowered = try? await frontend.lower(definition.silent, request) else { return }
            let results = StoredResults(dispatcher.context, notesContents: false)
            let store = ReadOnlyResults(results: results) { $0 }
            let solver = Solver(graph: lowered.graph, runner: self, store: store)
            _ = try? await solver.solve(lowered.targets)
        }
    }

    /// The answers are there.
    func end() { isOver.withLock { $0 = true } }

    /// It has come to what it cannot or need not do.
    fileprivate struct End: Error {}

    private func check() throws {
        if isOver.withLock(\.self) { throw End() }
    }
}

extension Rehearsal: OperationRunner {
    func asksForIdentity(of vertex: Vertex) -> Bool { dispatcher.asksForIdentity(of: vertex) }

    func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest? { throw End() }

    func contentDigest(of output: BuildOutput, for vertex: Vertex, input: Int) async throws -> Digest {
        try check()
        guard case .local = output else { throw End() }
        // In a task that does not end with the rehearsal: the build may be waiting for the same digest by then.
        return try await Task { try await dispatcher.contentDigest(of: output, for: vertex, input: input) }.value
    }

    func run(_ vertex: Vertex, inputs: [BuildOutput?], progress: VertexProgress) async throws -> BuildOutput {
        try check()
        guard case .source(.local) = vertex.operation else { throw End() }
        return try await dispatcher.run(vertex, inputs: inputs, progress: progress)
    }
}

/// Takes images for what they were.
private struct SupposingResolver: ImageResolver {
    let images: ImageCatalog

    func resolve(
        _ image: ImageLocator,
        platform: Platform,
        mode: ImageResolveMode
    ) async throws -> Frontend.ResolvedImage {
        guard let image = await images.supposition(image, platform: platform) else {
            throw Rehearsal.End()
        }
        return image
    }
}
