import BuildGraph
import Storage

/// What a vertex results in.
package enum BuildOutput: Sendable {
    case snapshot(Snapshot)
    /// A directory of this machine, read in place.
    case local(SourceTree)
    /// Layers that are elsewhere until somebody needs them.
    case imported(ImportedResult)

    /// The snapshot; a local directory has none, and layers that are elsewhere have none yet.
    package var snapshot: Snapshot? {
        if case .snapshot(let snapshot) = self { snapshot } else { nil }
    }
}
