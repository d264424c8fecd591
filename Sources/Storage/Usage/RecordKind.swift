/// What a record is or what made it, in the words of `du` (spec/05 §5.6).
package enum RecordKind: String, Sendable, Hashable, CaseIterable {
    case regular
    case `internal`
    case frontend
    case localSource = "source.local"
    case gitCheckout = "source.git.checkout"
    case cacheMount = "exec.cachemount"
    /// A copy of a Git repository.
    case gitMirror = "source.git.mirror"
    /// A blob that is not one of a layer that is there: manifests, configurations, layers of images to come.
    case blob = "content.blob"
    /// What is kept of past builds.
    case history
}
