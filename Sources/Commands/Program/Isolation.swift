import LinuxSystem
import Sandbox

/// What was prepared before the first thread: the user namespace and the signals, and the spawner that steps will need.
struct Isolation: Sendable {
    let identity: UserNamespace.Identity
    let signals: TerminationSignals
    let spawner = LazySpawner()

    /// Enters the user namespace and blocks the signals that end a build; to be called on the main thread while it is
    /// the only one.
    static func enter() throws -> Isolation {
        let identity = try UserNamespace.enter()
        let signals = TerminationSignals()
        return Isolation(identity: identity, signals: signals)
    }
}
