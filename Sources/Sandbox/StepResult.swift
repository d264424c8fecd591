import LinuxSystem

/// How a step's program ended.
package enum StepExit: Hashable, Sendable, CustomStringConvertible {
    case exited(code: Int32)
    case signaled(number: Int32)

    /// From the status of waitpid(2).
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(code: status >> 8 & 0xff) : .signaled(number: signal)
    }

    /// The exit code as a shell shows it: 128 and the number for a signal.
    package var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let number): 128 + number
        }
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit code: \(code)"
        case .signaled(let number): "signal: \(number)"
        }
    }
}

/// What is left when a step has ended.
package struct StepResult: Hashable, Sendable {
    package var exit: StepExit
    /// Files and directories that were created in the root to mount on, parents first; for `MountPoints.remove`.
    package var createdMountPoints: [Path]
}
