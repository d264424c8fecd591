/// Why a user namespace of this process cannot have a range of ids.
package enum RangeObstacle: Hashable, Sendable, CustomStringConvertible {
    /// `no_new_privs` is set: set-uid programs gain nothing.
    case noNewPrivileges
    /// `newuidmap` or `newgidmap` is not on the path.
    case missingPrograms
    /// `/etc/subuid` or `/etc/subgid` has no usable line for this user.
    case noSubordinateIDs(user: String)
    /// The ids that exist in the present namespace do not reach 65534, which images use.
    case fewIDs(Int)

    package var description: String {
        switch self {
        case .noNewPrivileges: "`no_new_privs` is set, so `newuidmap` cannot gain privileges"
        case .missingPrograms: "`newuidmap` and `newgidmap` are not installed"
        case .noSubordinateIDs(let user): "`/etc/subuid` and `/etc/subgid` have none for user `\(user)`"
        case .fewIDs(let count): count == 1 ? "this namespace has one" : "this namespace has only \(count)"
        }
    }

    /// What may be done about it.
    package var remedy: String {
        switch self {
        case .noNewPrivileges:
            "start it without `no_new_privs` (Kubernetes: `allowPrivilegeEscalation: true`; "
                + "docker: without `--security-opt no-new-privileges`)"
        case .missingPrograms: "as root: `apt-get install uidmap` (elsewhere `shadow-utils` or `shadow`)"
        case .noSubordinateIDs(let user):
            "as root: `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)`"
        case .fewIDs: "give the namespace around it 65536 ids"
        }
    }
}
