import BuildGraph
import LinuxSystem
import Sandbox
import Storage

// Steps whose owners or devices are recorded.
extension ExecRunner {
    /// Which calls of a step are answered, and what answers them.
    struct StepSupervision {
        var calls: SupervisedCalls
        var answers: Supervision
    }

    /// The supervision of a step of `user` that leaves its changes in `changes`; `nil` where everything is real.
    func supervision(
        _ user: StepUser,
        _ mounts: StepMounts,
        _ changes: borrowing Directory
    ) throws -> StepSupervision? {
        guard let ledger = changes.ledger else { return nil }
        switch ledger.scope {
        case .owners:
            let program = try SeccompCache.program(context.cache, user.uid == 0 ? .owners : .ownersForUser)
            return StepSupervision(
                calls: SupervisedCalls(program: program, fallback: .none),
                answers: try Supervision(LedgerSupervisor(user: user, ledger: ledger, upper: changes))
            )
        case .devices:
            let devices = DeviceSupervisor(ledger: ledger, hasMore: mounts.haveDevices)
            if context.identity.kind == .container {
                return StepSupervision(
                    calls: SupervisedCalls(
                        program: try SeccompCache.program(context.cache, .devicesWithoutProc),
                        // A user namespace may make no devices; here a filter has to refuse them.
                        fallback: .program(try SeccompCache.program(context.cache, .noDevices))
                    ),
                    answers: try Supervision(ConfinedSupervisor(devices: devices))
                )
            }
            let shows = ledger.hasDevices || mounts.haveDevices || namesDevices
            let program = try SeccompCache.program(context.cache, shows ? .devices : .newDevices)
            return StepSupervision(
                calls: SupervisedCalls(program: program, fallback: .unsupervised),
                answers: try Supervision(devices)
            )
        }
    }

    /// Whether the step may look at a device that it made itself.
    ///
    /// To show one costs a little with every status that a step asks for, and a filter cannot be changed later: so it is
    /// done where there are devices already, and where the command speaks of one.
    private var namesDevices: Bool {
        operation.arguments.contains { $0.contains("mknod") }
    }
}
