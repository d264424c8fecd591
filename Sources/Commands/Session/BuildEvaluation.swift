import BuildGraph
import BuildProgress
import BuildSolver
import LinuxSystem
import OCI
import Operations

/// The solving of a build's graph, with the caches elsewhere that it was told of.
struct BuildEvaluation: Sendable {
    let graph: Graph
    let targets: [Digest]
    /// Whether somebody will read the targets' files.
    let needsFiles: Bool
    let dispatcher: OperationDispatcher
    let progress: ProgressStream
    let observer: any SolveObserver

    /// The results of the targets, with their files here where they are needed, and the caches that they were found by.
    ///
    /// What cannot be fetched of a cache elsewhere is made, or found in another one.
    func outputs(_ imported: [ImportedCache]) async throws -> (outputs: [BuildOutput], imported: [ImportedCache]) {
        var imported = imported
        while true {
            do {
                return (try await solve(imported), imported)
            } catch {
                let cause = (error as? VertexFailure)?.underlying ?? error
                guard let failure = cause as? ImportFailure else { throw error }
                let others = imported.filter { $0.name != failure.name }
                guard others.count < imported.count else { throw error }
                imported = others
                let lost = others.isEmpty ? "imported caches" : "cache \(failure.name)"
                let vertex = VertexProgress(sink: progress, name: "[internal] build without \(lost)")
                vertex.start()
                vertex.warn(ProgressWarning(short: "\(failure)"))
                vertex.complete()
            }
        }
    }

    private func solve(_ imported: [ImportedCache]) async throws -> [BuildOutput] {
        let solver = Solver(
            graph: graph,
            runner: dispatcher,
            store: StoredResults(dispatcher.context, imported: imported),
            progress: progress,
            observer: observer,
            parallelism: max(4, onlineProcessors)
        )
        let outputs = try await solver.solve(targets)
        guard needsFiles else { return outputs }
        var present: [BuildOutput] = []
        for output in outputs { present.append(try await fetched(output)) }
        return present
    }

    private func fetched(_ output: BuildOutput) async throws -> BuildOutput {
        guard case .imported(let result) = output else { return output }
        let vertex = VertexProgress(sink: progress, name: "fetching the result from \(result.cache.name)")
        vertex.start()
        do {
            let present = try await dispatcher.present(output, vertex)
            vertex.complete()
            return present
        } catch {
            vertex.end(with: error)
            throw error
        }
    }
}
