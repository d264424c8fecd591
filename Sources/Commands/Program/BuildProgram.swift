import LinuxSystem
import Sandbox
import Synchronization

/// Runs a build in this process, and waits for it and for signals.
enum BuildProgram {
    /// Builds, or answers, and returns the exit status: 0, 1, or 130 after an interruption.
    ///
    /// `start` is evaluated where the namespace or the cache is needed.
    static func run(_ command: BuildCommand, _ start: @autoclosure () -> EarlyStart) -> Int32 {
        do {
            let request = try command.request(environment: Process.variables)
            if let call = request.call { return try answer(call, request, start) }
            let start = start()
            try OutputSpecification.validate(
                request.outputs,
                standardOutputIsTerminal: StandardStream.output.isTerminal
            )
            for secret in request.steps.secrets { try secret.validate() }
            for agent in request.steps.agents { _ = try agent.source() }
            let isolation = try start.isolation.get()
            let session = BuildSession(request: request, isolation: isolation, start: start)
            return wait(isolation.signals) { await session.run() }
        } catch {
            ErrorReport(error).print()
            return 1
        }
    }

    /// Tells what a build would run, and returns the exit status.
    static func foresee(_ command: WhyCommand, _ start: EarlyStart) -> Int32 {
        do {
            let request = try command.options.request(environment: Process.variables)
            let isolation = try start.isolation.get()
            let session = DryRunSession(request: request, isolation: isolation, start: start, form: command.format)
            return wait(isolation.signals) { await session.run() }
        } catch {
            ErrorReport(error).print()
            return 1
        }
    }

    private static func answer(
        _ call: CallSpecification,
        _ request: BuildRequest,
        _ start: () -> EarlyStart
    ) throws -> Int32 {
        let start = request.readsThroughCache ? start() : nil
        let session = CallSession(request: request, call: call, start: start)
        return wait(try start?.isolation.get().signals ?? TerminationSignals()) { await session.run() }
    }

    /// Runs `body` on the cooperative pool while this thread takes signals: the first one cancels it, the third
    /// ends the process at once.
    static func wait(_ signals: TerminationSignals, for body: @escaping @Sendable () async -> Int32) -> Int32 {
        let outcome = Outcome()
        let task = Task {
            outcome.set(await body())
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
