import Storage

/// What a vertex results in.
package enum BuildOutput: Sendable {
    case snapshot(Snapshot)
    /// A directory of this machine, read in place.
    case local(SourceTree)

    /// The snapshot; a local directory has none.
    package var snapshot: Snapshot? {
        if case .snapshot(let snapshot) = self { snapshot } else { nil }
    }
}
