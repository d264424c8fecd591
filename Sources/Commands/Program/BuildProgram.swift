import LinuxSystem
import Sandbox
import Synchronization

/// Runs a build in this process, and waits for it and for signals.
enum BuildProgram {
    /// Builds and returns the exit status: 0, 1, or 130 after an interruption.
    static func run(_ command: BuildCommand, _ start: EarlyStart) -> Int32 {
        do {
            let request = try command.request(environment: Process.variables)
            try OutputSpecification.validate(
                request.outputs,
                standardOutputIsTerminal: StandardStream.output.isTerminal
            )
            for secret in request.steps.secrets { try secret.validate() }
            for agent in request.steps.agents { _ = try agent.source() }
            let isolation = try start.isolation.get()
            let session = BuildSession(request: request, isolation: isolation, start: start)
            return wait(for: session, isolation.signals)
        } catch {
            ErrorReport(error).print()
            return 1
        }
    }

    /// Runs the build on the cooperative pool while this thread takes signals: the first one cancels the build, the third
    /// ends the process at once.
    private static func wait(for session: BuildSession, _ signals: TerminationSignals) -> Int32 {
        let outcome = Outcome()
        let task = Task {
            outcome.set(await session.run())
            signals.wake()
        }
        var interruptions = 0
        while true {
            switch signals.next() {
            case .woken:
                if let status = outcome.status { return status }
            case .terminate:
                interruptions += 1
                task.cancel()
                if interruptions == 3 {
                    StandardStream.error.print("got 3 SIGTERM/SIGINTs, forcing shutdown")
                    return 130
                }
            }
        }
    }
}

/// The exit status of a build that runs elsewhere, once it is known.
private final class Outcome: Sendable {
    private let value = Mutex<Int32?>(nil)

    var status: Int32? { value.withLock(\.self) }

    func set(_ status: Int32) {
        value.withLock { $0 = status }
    }
}
