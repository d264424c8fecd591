import BuildGraph
import BuildSolver
import OCI
import Storage

/// The results of earlier builds, in the cache directory.
package struct StoredResults: ResultStore {
    private let records: ResultRecords

    /// The records of a cache directory.
    package init(_ records: ResultRecords) {
        self.records = records
    }

    package func lookup(_ key: CacheKey) throws -> BuildOutput? {
        try records.lookup(key.digest).map { .snapshot($0.snapshot) }
    }

    package func record(_ key: CacheKey, _ output: BuildOutput, vertex: Vertex) throws {
        guard let snapshot = output.snapshot else { return }
        try records.record(key.digest, snapshot, description: vertex.name)
    }
}
