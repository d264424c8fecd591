import CSandbox
import Glibc
import LinuxSystem

/// The small process that runs steps for this one, several at once.
///
/// It ends, with every step, when this value is stopped or goes away or when this process dies in whatever way.
/// Starting it is cheap (an exec) and safe with threads; it must happen after the user namespace is entered.
package final class Spawner: Sendable {
    private let connection: SpawnerConnection
    private let reader: Task<Void, Never>

    /// The number of the process, as long as it lives.
    package var process: pid_t { connection.process }

    private init(_ connection: SpawnerConnection) {
        self.connection = connection
        reader = Task {
            do {
                try await BlockingThread.run("spawner") { _ in connection.serve() }
            } catch {
                connection.abandon()
            }
        }
    }

    deinit {
        connection.shutDown()
    }

    /// Starts the process and waits until it serves.
    package static func start() throws(SandboxError) -> Spawner {
        var process = csandbox_spawner()
        let code = csandbox_start(&process)
        if code < 0 { throw .spawnerNotStarted(code: -code) }
        return Spawner(SpawnerConnection(socket: FileDescriptor(owning: process.socket), process: process.pid))
    }

    /// Carries out a plan and waits until its program and everything that it started have ended.
    ///
    /// The descriptors stay the caller's, and open until this returns. Without an input the program reads from a
    /// pipe at its end. Cancelling the task kills the step, and then throws `CancellationError`.
    /// `supervision` answers the calls that the plan's `supervise` asks for; the caller ends it.
    /// A program that cannot be executed is no error: its output says why, and its exit code is 1.
    package func run(
        _ plan: SandboxPlan,
        supervision: Supervision? = nil,
        standardInput: Int32? = nil,
        standardOutput: Int32,
        standardError: Int32
    ) async throws -> StepResult {
        let file = try planFile(PlanEncoder(plan).bytes)
        let descriptors = StepDescriptors(
            plan: file.raw,
            input: standardInput ?? -1,
            output: standardOutput,
            errorOutput: standardError
        )
        let id = connection.reserve()
        defer { connection.forget(id) }
        let result = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connection.begin(id, plan, supervision, descriptors, continuation)
            }
        } onCancel: {
            connection.cancel(id)
        }
        // The kernel needs it until here only where the spawner has not taken it over yet.
        withExtendedLifetime(file) {}
        return result
    }

    /// Ends the process and its steps, and waits for it.
    package func stop() async {
        connection.shutDown()
        await reader.value
    }

    private func planFile(_ bytes: [UInt8]) throws(SandboxError) -> FileDescriptor {
        let raw = csandbox_plan_file()
        if raw < 0 { throw .planNotSent(code: -raw) }
        let file = FileDescriptor(owning: raw)
        do throws(SystemError) {
            try file.writeAll(bytes)
        } catch {
            throw .planNotSent(code: error.code)
        }
        return file
    }
}

/// What is sent with a plan.
struct StepDescriptors {
    var plan: Int32
    var input: Int32
    var output: Int32
    var errorOutput: Int32
}
