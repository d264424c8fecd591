import OCI

/// What can be wrong with the cache mount that a command is asked for.
enum CacheMountError: HintedError, Hashable, CustomStringConvertible {
    case missing(String)
    case several(String, volumes: [String])
    case inUse(String)
    /// Owners are kept in another way than this process knows them.
    case otherIsolation(String)

    var description: String {
        switch self {
        case .missing(let id): "no such cache mount: `\(id)`"
        case .several(let id, let volumes):
            "cache mount `\(id)` has several volumes: \(volumes.joined(separator: ", "))"
        case .otherIsolation(let id): "cannot use cache mount `\(id)`: it was made with another isolation"
        case .inUse(let id): "cannot remove cache mount `\(id)`: a build is using it"
        }
    }

    var hint: String? {
        switch self {
        case .missing: "`swbuild cache ls` lists them"
        case .several: "name the volume; `swbuild cache ls` says when each was used"
        case .otherIsolation: "set `SWBUILD_ISOLATION` as the build that made it"
        case .inUse: nil
        }
    }
}
