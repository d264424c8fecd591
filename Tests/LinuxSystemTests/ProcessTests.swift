import Glibc
import LinuxSystem
import Testing

struct ProcessTests {
    @Test func outputsAndStatusComeBack() async throws {
        let outcome = try await Process.run(
            .init("sh", ["-c", "cat; echo problem >&2; exit 3"], input: .bytes(Array("given".utf8)))
        )
        #expect(outcome.status == .exited(3))
        #expect(outcome.output == Array("given".utf8))
        #expect(outcome.errorText == "problem")
    }

    @Test func signalsAreTold() async throws {
        let outcome = try await Process.run(.init("sh", ["-c", "kill -9 $$"]))
        #expect(outcome.status == .signaled(SIGKILL))
        #expect(outcome.status.shellCode == 137)
    }

    @Test func nothingElseIsInherited() async throws {
        let outcome = try await Process.run(
            .init("sh", ["-c", "ls /proc/self/fd | wc -l; env"], environment: ["PATH=/usr/bin:/bin", "A=b"])
        )
        let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
        // 0, 1, 2 and the directory that ls reads.
        #expect(lines.first == "4")
        #expect(lines.contains("A=b"))
    }

    @Test func longErrorOutputKeepsItsEnd() async throws {
        let outcome = try await Process.run(
            .init(
                "sh",
                ["-c", "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done"],
                errorOutput: .tail(limit: 1000)
            )
        )
        #expect(outcome.errorText.hasSuffix("line 1999"))
        #expect(outcome.errorOutput.count <= 2000)
    }

    @Test func tooMuchOutputEndsTheProgram() async throws {
        await #expect(throws: ProcessError.tooMuchOutput("yes", limit: 1 << 16)) {
            _ = try await Process.run(.init("yes", [], output: .whole(limit: 1 << 16)))
        }
    }

    @Test func cancellingKillsTheWholeGroup() async throws {
        try await withTemporaryPath { path in
            // The grandchild holds the lock as long as it lives.
            let fifo = path.appending("started")
            try Directory.open(path).makeNode("started", kind: .fifo, mode: 0o600)
            let task = Task {
                try await Process.run(.init("sh", ["-c", "(echo up > \(fifo); exec sleep 1000) & wait"]))
            }
            _ = try await BlockingThread.run("wait") { _ in try FileDescriptor.open(fifo).readAll() }
            task.cancel()
            await #expect(throws: Cancelled.self) { _ = try await task.value }
        }
    }

    @Test func aDescendantThatKeepsThePipeDoesNotKeepUs() async throws {
        let outcome = try await Process.run(.init("sh", ["-c", "sleep 1000 & echo $!"]))
        let pid = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first.flatMap { pid_t($0) }
        #expect(outcome.status.isSuccess)
        if let pid { kill(pid, SIGKILL) }
    }

    @Test func missingProgramsAndDirectoriesAreErrors() async throws {
        await #expect(throws: ProcessError.notFound("no-such-program")) {
            _ = try await Process.run(.init("no-such-program", []))
        }
        await #expect(throws: SystemError.self) {
            _ = try await Process.run(.init("true", [], directory: "/no/such/directory"))
        }
    }

    @Test func bodiesOfThreadsReturnAndThrow() async throws {
        #expect(try await BlockingThread.run("a name that is too long") { _ in 7 } == 7)
        await #expect(throws: Cancelled.self) {
            try await BlockingThread.run("thrower") { _ in throw Cancelled() }
        }
    }

    @Test func cancellingATaskSetsTheFlagOfItsThread() async throws {
        let pipe = try FileDescriptor.pipe()
        let writer = SharedDescriptor(try pipe.write.duplicate())
        let reader = SharedDescriptor(try pipe.read.duplicate())
        let task = Task {
            try await BlockingThread.run("blocked") { flag in
                try flag.onCancel(
                    { try? writer.descriptor.writeAll([1]) },
                    during: {
                        var byte: UInt8 = 0
                        _ = try withUnsafeMutableBytes(of: &byte) { try reader.descriptor.read(into: $0) }
                        try flag.check()
                    }
                )
            }
        }
        task.cancel()
        await #expect(throws: Cancelled.self) { try await task.value }
    }

    @Test func aVariableIsItsBytes() {
        let value: [CChar] = [0x61, -1, -2, 0x0A, 0]
        setenv("SWBUILD_TEST_BYTES", value, 1)
        #expect(Process.variableBytes("SWBUILD_TEST_BYTES") == [0x61, 0xFF, 0xFE, 0x0A])
        #expect(Process.variableBytes("SWBUILD_TEST_NO_SUCH") == nil)
    }
}
