import BuildGraph
import BuildProgress
import BuildSolver
import Frontend
import OCI
import Operations
import Storage

/// Solves what must be there before the Dockerfile can be read: a context that is one file.
///
/// Its vertices are those that the frontend will make of the context, so that the build finds them done.
struct ArchiveSolver: Sendable {
    let dispatcher: OperationDispatcher
    let results: StoredResults
    let progress: ProgressStream

    /// The file of a context, alone in a tree.
    func download(_ source: HTTPSource) async throws -> SourceTree {
        try await solve { ArchiveContext(source).addDownload(to: &$0) }
    }

    /// What is in the archive of a context.
    func unpack(_ source: HTTPSource) async throws -> SourceTree {
        try await solve { ArchiveContext(source).addUnpacked(to: &$0) }
    }

    private func solve(_ add: (inout GraphBuilder) -> Digest) async throws -> SourceTree {
        var builder = GraphBuilder()
        let target = add(&builder)
        let solver = Solver(graph: try builder.build(), runner: dispatcher, store: results, progress: progress)
        guard let output = try await solver.solve([target]).first else { throw CancellationError() }
        return try dispatcher.tree(of: output)
    }
}
