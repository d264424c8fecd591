import LinuxSystem
import Sandbox

/// What was prepared before the first thread: the user namespace, the signals, and the spawner of steps.
struct Isolation: Sendable {
    let identity: UserNamespace.Identity
    let signals: TerminationSignals
    let spawner: Spawner

    /// Enters the user namespace, blocks the signals that end a build, and starts the spawner; to be called on the main
    /// thread while it is the only one.
    static func enter() throws -> Isolation {
        let identity = try UserNamespace.enter()
        let signals = TerminationSignals()
        return Isolation(identity: identity, signals: signals, spawner: try Spawner.start())
    }

    /// Whether only one id is mapped, so that files cannot get other owners.
    var hasSingleID: Bool { identity.kind == .single }
}
