/// Which rung a build shall stand on: `--isolation` and `SWBUILD_ISOLATION`.
package enum IsolationMode: String, CaseIterable, Sendable {
    /// The best one that is possible here.
    case auto
    /// A user namespace with a range of ids, or root's own.
    case userns
    /// A user namespace with one id, also where there could be more.
    case single
    /// A private root directory and chroot(2): root in a container that may neither mount nor unshare.
    case chroot
}

/// How steps can be kept apart from the machine, best first (the design's isolation rungs).
package enum IsolationRung: String, CaseIterable, Sendable {
    /// Rung 1: a range of ids, in a user namespace or as root.
    case range
    /// Rung 2: a user namespace with one id.
    case single
    /// Rung 3: root in a container, without mounts and namespaces.
    case container
    /// Rung 0: only builds whose needed stages have no `RUN`.
    case none

    /// The number that the documentation gives it.
    package var number: Int {
        switch self {
        case .range: 1
        case .single: 2
        case .container: 3
        case .none: 0
        }
    }
}
