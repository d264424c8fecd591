import Glibc
import LinuxSystem
import Testing

@testable import Sandbox

/// Nothing of a step is left, however it ends.
///
/// A pipe tells: it is at its end when nobody can write to it any more.
@Suite(.enabled(if: StepSupport.isAvailable, "needs root and busybox"))
struct SpawnerEndTests {
    let fixture: StepFixture

    init() throws {
        fixture = try StepFixture()
    }

    /// A script that says that it runs, and then stays, with a process of another session beside it.
    private static let script = "sleep 1000 & echo running; sleep 1000"

    /// Starts the script, waits for its first words, does `end`, and waits until all writers are gone.
    private func runUntil(_ end: @Sendable (Task<StepResult, any Error>) async -> Void) async throws -> (any Error)? {
        let plan = try fixture.environment(["sh", "-c", SpawnerEndTests.script]).plan
        let pipe = try FileDescriptor.pipe()
        let write = pipe.write.raw
        let spawner = fixture.spawner
        let task = Task { try await spawner.run(plan, standardOutput: write, standardError: write) }
        let read = pipe.read.raw
        _ = try await BlockingThread.run("reader") { _ in
            var byte: UInt8 = 0
            while byte != UInt8(ascii: "\n"), Glibc.read(read, &byte, 1) == 1 {}
        }
        await end(task)
        let outcome = await task.result
        // The number stays the pipe's, which closes it: by then another's, it would be closed under its owner.
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        dup2(null, write)
        close(null)
        _ = try await BlockingThread.run("reader") { _ in
            var byte: UInt8 = 0
            while Glibc.read(read, &byte, 1) == 1 {}
        }
        if case .failure(let error) = outcome { return error }
        return nil
    }

    @Test(.timeLimit(.minutes(1))) func cancellingKillsEveryProcessOfTheStep() async throws {
        let error = try await runUntil { $0.cancel() }
        #expect(error is CancellationError)
        #expect(try await fixture.shell("exit 4").exit == .exited(code: 4))
    }

    @Test(.timeLimit(.minutes(1))) func stoppingEndsRunningSteps() async throws {
        let spawner = fixture.spawner
        let error = try await runUntil { _ in await spawner.stop() }
        #expect(error as? SandboxError == .spawnerLost)
        await #expect(throws: SandboxError.spawnerLost) { try await fixture.shell("true") }
    }

    @Test(.timeLimit(.minutes(1))) func aKilledSpawnerTakesItsStepsAlong() async throws {
        let process = fixture.spawner.process
        let error = try await runUntil { _ in kill(process, SIGKILL) }
        #expect(error as? SandboxError == .spawnerLost)
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledTaskStartsNothing() async throws {
        let plan = try fixture.environment(["true"]).plan
        let fixture = fixture
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await fixture.run(plan)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(.timeLimit(.minutes(1))) func aDaemonLeftBehindDiesWithTheStep() async throws {
        let output = try await fixture.shell("sleep 1000 & sleep 1000 & exit 5")
        #expect(output.exit == .exited(code: 5))
    }
}
