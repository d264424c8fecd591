import BuildGraph
import BuildProgress
import OCI
import Storage

// Results of caches elsewhere: fetched when somebody needs their files, and not before.
extension OperationDispatcher {
    /// The results with layers that are here; what was elsewhere is fetched, and recorded as if it had been made here.
    ///
    /// Throws an ``ImportFailure`` where that fails.
    func present(_ outputs: [BuildOutput?], _ progress: VertexProgress) async throws -> [BuildOutput?] {
        var present: [BuildOutput?] = []
        for output in outputs {
            if let output { present.append(try await self.present(output, progress)) } else { present.append(nil) }
        }
        return present
    }

    /// The same of one result.
    package func present(_ output: BuildOutput, _ progress: VertexProgress) async throws -> BuildOutput {
        guard case .imported(let result) = output else { return output }
        let puller = ImagePuller(context: context, origin: result.cache.origin, progress: progress)
        do {
            let snapshot = try await puller.pull(result.layers.map(\.descriptor), diffIDs: result.layers.map(\.diffID))
            let description = "imported from \(result.cache.name)"
            try StoredResults(context).record(result.key, snapshot, description: description)
            return .snapshot(snapshot)
        } catch {
            try Task.checkCancellation()
            throw ImportFailure(name: result.cache.name, reason: "\(error)")
        }
    }
}
