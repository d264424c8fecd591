import Storage

/// A reason for which a step ran.
enum MissReason: Hashable, Sendable {
    /// A build of which a reason tells.
    struct Build: Hashable, Sendable {
        let id: String
        /// How long ago it began.
        let age: String
    }

    /// The cache was not to be used; the option that said so.
    case noCache(option: String)
    /// The result was there once.
    case removed(Build)
    /// The same step was tried and did not end well; how.
    case unfinished(Build, StepRecord.Outcome)
    /// No earlier build had a step like this one.
    case neverBuilt
    /// The instruction is another one; its texts, whole.
    case instruction(old: String, new: String)
    /// A part of the key is another one, new (`old` is nil), or gone.
    case part(kind: String, name: String, old: String?, new: String?, isArgument: Bool)
    /// The same variables in another order.
    case variableOrder
    /// Files of what the step takes from `source` differ; at most so many, and how many there are.
    case files(source: String, [FileChange], count: Int)
    /// What the step takes from `source` differs; in what is not known.
    case content(source: String)
    /// The base image; the digests of the manifests.
    case baseImage(name: String, old: String, new: String)
    /// A repository or a file from elsewhere.
    case source(name: String)
    /// A step before it, a vertex of the build, ran, or stands for something else than before.
    case predecessor(name: String, vertex: String, ran: Bool)
    /// Owners or snapshots are kept in another way.
    case scope(old: String, new: String)
    /// Values that are not kept may differ: their names.
    case hidden([String])
    /// Something that is not recorded.
    case definition
    /// What the step takes of another one is known only when that has run.
    case unknownUntil(step: String)
    /// What the step takes of another one is known only when the layers of that are fetched from a cache elsewhere.
    case unfetched(step: String, cache: String)
    /// What is in a repository or a file from elsewhere is known only when it is fetched; what its server said instead.
    case unknownSource(name: String, failure: String?)
}

/// How a file of a content differs from what it was.
struct FileChange: Hashable, Sendable {
    /// What differs.
    enum Kind: String, Hashable, Sendable {
        case added
        case removed
        case content
        case mode
        case owner
        case kind
        case link
        case device
        case attributes
    }

    let path: String
    let kind: Kind
    /// What was there and what is; nil where nothing is.
    let old: String?
    let new: String?
}
