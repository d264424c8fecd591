import Glibc
import Testing

/// Steps that try to leave their sandbox; each gets a refusal, and what is outside stays as it was.
@Suite(.enabled(if: EscapeProbe.isAvailable, "no C compiler"))
struct EscapeTests {
    /// What a step must not reach: files, a process and settings of the machine.
    private struct Outside: ~Copyable {
        private static let settings = [
            "kernel/core_pattern", "kernel/hostname", "kernel/modprobe", "kernel/domainname", "vm/overcommit_memory",
        ]
        private static let text = "CANARY of the machine\n"
        let project: Project
        let process: RunningProgram
        private let before: [String]

        var file: String { project.scratch.path("canary") }
        var credentials: String { project.scratch.path("home/.docker/config.json") }
        var database: String { "\(project.cache)/swbuild/swbuild.db" }

        init(_ project: Project) throws {
            self.project = project
            try project.scratch.write("canary", Self.text)
            try project.scratch.write("home/.docker/config.json", #"{"auths":{"CANARY.example":{"auth":"eDp5"}}}"#)
            try project.handOver()
            var command = project.command([])
            // The same user's, so that nothing but the sandbox protects it.
            (command.program, command.arguments) = ("sh", ["-c", "echo alive; sleep 86360; echo ended"])
            var started = try command.start()
            try started.wait(for: "alive")
            process = started
            before = Self.settingsNow()
        }

        private static func settingsNow() -> [String] {
            settings.map { (try? FileTree.text("/proc/sys/\($0)")) ?? "" }
        }

        /// Everything is as it was.
        func expectUnharmed(_ outcome: Outcome, at location: SourceLocation = #_sourceLocation) throws {
            #expect(try FileTree.text(file) == Self.text, sourceLocation: location)
            #expect(try FileTree.text(credentials).contains("CANARY.example"), sourceLocation: location)
            #expect(kill(process.pid, 0) == 0 && !process.said.contains("ended"), sourceLocation: location)
            #expect(Self.settingsNow() == before, sourceLocation: location)
            #expect(!outcome.errors.contains("CANARY of"), "\(outcome)", sourceLocation: location)
            #expect(!outcome.errors.contains("CANARY.example"), "\(outcome)", sourceLocation: location)
            let builder = try Command("cmp", [Machine.swbuild, Machine.original]).run()
            #expect(builder.succeeded, sourceLocation: location)
        }
    }

    @Test("every way out that is known is refused", arguments: Account.everywhere)
    func attempts(account: Account) throws {
        let project = try Project(nil, as: account)
        let outside = try Outside(project)
        let device = try EscapeProbe.device(of: outside.file)
        let canaries = [outside.file, outside.credentials, outside.database]
        try project.write(
            "Dockerfile",
            """
            FROM \(try BaseImages.busybox.get())
            COPY escape /bin/
            RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/memory \\
                --mount=type=bind,rw,target=/bound ["escape", "\((device + canaries).joined(separator: "\", \""))"]
            """
        )
        try project.shell("cp '\(try EscapeProbe.program.get())' escape")
        try project.handOver()
        let socket = try AbstractSocket("swbuild-escape-\(getpid())-\(account.rawValue)")
        let outcome = try project.build(
            "-o",
            "type=cacheonly",
            environment: ["BUILDER_SECRET": "CANARY of the builder"]
        )
        let answers = EscapeProbe.answers(outcome)
        let builder: EscapeProbe.Builder =
            account == .confined ? .confined : account == .caller && Machine.isRoot ? .root : .user
        for (attempt, refusals) in try EscapeProbe.refusals(for: builder) {
            // Only the kernel from 6.12 on can refuse it; before, it is the network's.
            if attempt == "abstract sockets", !Machine.kernelHasScopes { continue }
            // Of one architecture.
            if attempt.hasPrefix("mount as"), answers[attempt] == nil { continue }
            #expect(refusals.contains(answers[attempt] ?? "no answer"), "\(attempt): \(answers[attempt] ?? "none")")
        }
        #expect(Set(answers.keys).isSubset(of: try EscapeProbe.refusals(for: builder).keys))
        #expect(!Machine.kernelHasScopes || !socket.hasVisitor())
        try outside.expectUnharmed(outcome)
    }

    @Test("a terminal of the builder is out of reach", arguments: Account.everywhere)
    func terminal(account: Account) throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN ! (echo typed > /dev/tty) 2>&1; ls -l /proc/self/fd/ | grep -c pts; true\n",
            as: account
        )
        let outside = try Outside(project)
        var command = project.command(["--progress=plain", "-o", "type=cacheonly", "."])
        let line = ([command.program] + command.arguments).joined(separator: " ")
        (command.program, command.arguments) = ("script", ["-qec", line, "/dev/null"])
        let outcome = try command.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.text.contains("can't create /dev/tty: No such device or address"), "\(outcome)")
        #expect(!outcome.text.contains("typed\r\n") || outcome.text.contains("echo typed"), "\(outcome)")
        try outside.expectUnharmed(outcome)
    }

    @Test(
        "what a step leaves running dies with it, and signals to everybody end at its border",
        arguments: Account.everywhere
    )
    func processes(account: Account) throws {
        let number = 86_361 + (Account.allCases.firstIndex(of: account) ?? 0)
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN (trap '' HUP INT TERM; setsid sh -c 'trap "" HUP INT TERM; sleep \(number)' & ) ; echo left
            RUN kill -9 -1; for id in $(seq 2 40000); do \\
                [ $id = $$ ] || { kill -9 $id 2>/dev/null && echo killed $id; }; done; true
            """,
            as: account
        )
        let outside = try Outside(project)
        let outcome = try project.build("-o", "type=cacheonly")
        #expect(try ProcessTable.withArgument("\(number)").isEmpty)
        try outside.expectUnharmed(outcome)
    }

    @Test(
        "no place of the builder is a working directory",
        arguments: Account.everywhere,
        ["/proc/self/fd/3", "/proc/self/fd/7", "/proc/1/root", "/proc/self/cwd"]
    )
    func workingDirectory(account: Account, place: String) throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nWORKDIR \(place)\nRUN pwd; ls\n",
            as: account
        )
        let outside = try Outside(project)
        let outcome = try project.command(["--progress=plain", "-o", "out", "."], environment: [:]).run()
        if account == .confined {
            // Nothing is mounted there: it is a directory of the image like any other, and empty.
            #expect(outcome.succeeded, "\(outcome)")
            #expect(try FileTree.listing(project.path("out\(place)")).isEmpty)
        } else {
            #expect(outcome.status == .exited(1), "\(outcome)")
            #expect(!FileTree.exists(project.path("out")))
        }
        try outside.expectUnharmed(outcome)
    }

    @Test(
        "a mount's target that the step made a link is not followed when it is removed",
        arguments: Account.everywhere
    )
    func exchangedTarget(account: Account) throws {
        let project = try Project(nil, as: account)
        let outside = try Outside(project)
        let victim = try project.scratch.directory("victim/c")
        try project.handOver()
        try project.write(
            "Dockerfile",
            """
            FROM \(try BaseImages.busybox.get())
            RUN --mount=type=tmpfs,target=/a/b/c mv /a/b /a/gone 2>/dev/null; mv /a /away; mkdir -p /a; \\
                ln -s \(project.scratch.path("victim")) /a/b
            RUN --mount=type=tmpfs,target=/x/c true
            RUN rm -rf /x; ln -s \(project.scratch.path("victim")) /x
            RUN --mount=type=tmpfs,target=/x/c --mount=type=cache,target=/x/d ls /x
            """
        )
        let outcome = try project.build("-o", "type=cacheonly")
        #expect(FileTree.exists(victim))
        #expect(try FileTree.listing(project.scratch.path("victim")) == ["c"])
        try outside.expectUnharmed(outcome)
    }

    @Test("a script whose interpreter is the builder does not change it", arguments: Account.everywhere)
    func builderProgram(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN printf '#!/proc/self/exe\\n' > /bin/trap && chmod 755 /bin/trap
            RUN ["/bin/trap"]
            """,
            as: account
        )
        let outside = try Outside(project)
        let outcome = try project.fail("-o", "type=cacheonly")
        try outside.expectUnharmed(outcome)
    }
}
