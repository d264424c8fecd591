import Glibc
import Testing

/// Builds that are ended from outside, and disks that are full.
@Suite struct InterruptionTests {
    /// A build whose second step waits for ever, after a first one that is worth keeping.
    private func endless(_ number: Int, as account: Account) throws -> Project {
        try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN cat /proc/sys/kernel/random/uuid > /first
            ARG LONG=1
            RUN if [ -n "$LONG" ]; then echo waiting now; sleep \(number); fi; echo second > /second
            FROM scratch
            COPY --from=make /first /second /
            """,
            as: account
        )
    }

    @Test("Ctrl-C stops every process and exits with 130", arguments: Account.available)
    func interrupt(account: Account) throws {
        let number = 86_300 + (Account.allCases.firstIndex(of: account) ?? 0)
        let project = try endless(number, as: account)
        var program = try project.command(["--progress=plain", "-o", "out", "."]).start()
        try program.wait(for: " waiting now")
        program.interrupt()
        let outcome = try program.finish()
        #expect(outcome.status == .exited(130), "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(try ProcessTable.withArgument("\(number)").isEmpty)
        #expect(!FileTree.exists(project.path("out")))
        try project.build("--build-arg", "LONG=", "-o", "out")
        #expect(try FileTree.text(project.path("out/second")) == "second\n")
    }

    @Test("SIGTERM does the same")
    func terminate() throws {
        let project = try endless(86_310, as: .caller)
        var program = try project.command(["--progress=plain", "-o", "out", "."]).start()
        try program.wait(for: " waiting now")
        program.signal(SIGTERM)
        let outcome = try program.finish()
        #expect(outcome.status == .exited(130), "\(outcome)")
        #expect(try ProcessTable.withArgument("86310").isEmpty)
    }

    @Test(
        "after `kill -9` in a step the next build succeeds, and takes nothing unfinished for finished",
        arguments: Account.available
    )
    func killed(account: Account) throws {
        let number = 86_320 + (Account.allCases.firstIndex(of: account) ?? 0)
        let project = try endless(number, as: account)
        var program = try project.command(["--progress=plain", "-o", "out", "."]).start()
        try program.wait(for: " waiting now")
        program.signal(SIGKILL)
        #expect(try program.finish().status == .signalled(SIGKILL))
        let outcome = try project.build("--build-arg", "LONG=", "-o", "out")
        #expect(try FileTree.text(project.path("out/second")) == "second\n")
        #expect(PlainProgress(outcome).end(of: "RUN cat /proc") == .cached, "\(outcome)")
        #expect(try ProcessTable.withArgument("\(number)").isEmpty)
    }

    @Test("after `kill -9` at whatever moment the next build succeeds")
    func killedAnywhere() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            COPY . /src
            RUN ls /src > /list
            FROM scratch
            COPY --from=make /list /
            """
        )
        try project.shell("for n in $(seq 300); do echo $n > file$n; done")
        // Each word is of a later moment of the build.
        for word in ["load build definition", "FROM 127.0.0.1", "COPY .", "RUN ls", "exporting"] {
            var program = try project.command(["--progress=plain", "--no-cache", "-o", "out", "."]).start()
            do { try program.wait(for: word) } catch let failure as Command.Failure {
                Issue.record("never said \(word): \(failure)")
            }
            program.signal(SIGKILL)
            _ = try program.finish()
        }
        try project.build("-o", "out")
        let lines = try FileTree.text(project.path("out/list")).split(separator: "\n")
        #expect(lines.count >= 301)
    }

    @Test("a full disk while unpacking is said, and mends", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func fullWhileUnpacking() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN echo x > /x\n")
        let small = try TemporaryFileSystem(at: project.cache, options: "size=1m")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.lowercased().contains("no space left on device"), "\(outcome)")
        #expect(!FileTree.exists(project.path("out")))
        try Command.check("mount", ["-o", "remount,size=64m", project.cache])
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/x")) == "x\n")
        small.unmount()
    }

    @Test(
        "a full disk while exporting is said, and no part of an archive stays",
        .enabled(if: Machine.isRoot, Machine.needsRoot),
        arguments: ["small", "type=tar,dest=small/a.tar", "type=oci,dest=small/a.tar", "type=docker,dest=small/a.tar"]
    )
    func fullWhileExporting(output: String) throws {
        let project = try Project("FROM scratch\nCOPY random /\n")
        try project.shell("mkdir small && head -c 3000000 /dev/urandom > random")
        let small = try TemporaryFileSystem(at: project.path("small"), options: "size=1m")
        let outcome = try project.fail("-o", output)
        #expect(outcome.errors.lowercased().contains("no space left on device"), "\(outcome)")
        #expect(try FileTree.listing(project.path("small")).isEmpty, "\(outcome)")
        small.unmount()
        try project.build("-o", output)
    }

    @Test("a full disk in a step is the step's own failure", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func fullInAStep() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN dd if=/dev/zero of=/x bs=1M count=99\n")
        let small = try TemporaryFileSystem(at: project.cache, options: "size=16m")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.lowercased().contains("no space left on device"), "\(outcome)")
        #expect(outcome.errors.contains("exit code: 1"), "\(outcome)")
        small.unmount()
    }

    @Test(
        "Ctrl-C ends the wait for a context or a Dockerfile that never comes",
        arguments: [
            (["-"], "load context from standard input"), (["-f", "-", "."], "load build definition from Dockerfile"),
        ]
    )
    func interruptInput(arguments: [String], vertex: String) throws {
        let project = try Project(nil)
        try project.shell("mkfifo pipe")
        // Somebody holds the pipe open, and writes the beginning of an archive.
        var writer = try Command(
            "sh",
            ["-c", "exec 3<>\"$1\"; head -c 5000 /dev/zero >&3; echo open; sleep 86340", "sh", project.path("pipe")]
        ).start()
        try writer.wait(for: "open")
        var command = project.command(["--progress=plain", "-o", "out"] + arguments)
        command.input = project.path("pipe")
        var program = try command.start()
        try program.wait(for: vertex)
        program.interrupt()
        let outcome = try program.finish()
        writer.interrupt()
        _ = try writer.finish()
        #expect(outcome.status == .exited(130), "\(outcome)")
        #expect(!FileTree.exists(project.path("out")))
    }
}
