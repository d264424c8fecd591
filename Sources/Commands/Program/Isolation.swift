import LinuxSystem
import Sandbox
import Storage

/// What was prepared before the first thread: the user namespace and the signals, and the spawner that steps will need.
struct Isolation: Sendable {
    let identity: UserNamespace.Identity
    let signals: TerminationSignals
    let spawner = LazySpawner()

    /// Enters the user namespace and blocks the signals that end a build; to be called on the main thread while it is
    /// the only one.
    static func enter(_ mode: IsolationMode, cache: Path?) throws -> Isolation {
        let identity = try UserNamespace.enter(mode, cache: cache)
        let signals = TerminationSignals()
        return Isolation(identity: identity, signals: signals)
    }

    /// How snapshots become trees.
    var snapshots: SnapshotKind {
        let canMount = identity.kind != .container && identity.kind != .none
        return canMount && Process.variable("SWBUILD_SNAPSHOTS") != "plain"
            ? .overlay(userxattr: identity.userxattr) : .plain
    }

    /// Whether only one id is mapped, so that files cannot get other owners.
    var hasSingleID: Bool { identity.kind == .single }
}
