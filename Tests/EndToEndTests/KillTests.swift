import Glibc
import Testing

/// `kill -9` of the builder: no process, no mount and no lock is left.
@Suite struct KillTests {
    /// The processes that see the mounts of `pid`: the builder's threads and its spawner, by the name of the namespace.
    private func namespace(of pid: pid_t) throws -> String {
        String(try Command.check("readlink", ["/proc/\(pid)/ns/mnt"]).dropLast())
    }

    /// Returns when no process is in the namespace and none has `argument`.
    private func waitForTheEnd(of namespace: String, _ argument: String) throws {
        // A condition, not a time: what would stay makes the command fail at its deadline.
        let script = """
            left() { for p in /proc/[0-9]*; do [ "$(readlink $p/ns/mnt)" = "$1" ] && echo $p; done; }
            while [ -n "$(left "$1" 2>/dev/null)" ] || pgrep -fx "sleep $2" >/dev/null; do sleep 0.02; done
            """
        try Command.shell(script, [namespace, argument])
    }

    /// Nothing of the cache directory is mounted for others, and each of its locks can be had at once.
    private func expectNothingHeld(_ project: Project) throws {
        #expect(try !FileTree.text("/proc/self/mountinfo").contains(project.cache))
        let held = """
            cd "$1/swbuild/locks" && for name in *; do flock --nonblock "$name" true || echo "$name"; done
            """
        #expect(try Command.shell(held, [project.cache]) == "")
    }

    @Test("in a step with mounts of all kinds, and others get its locked cache", arguments: Account.available)
    func inAStep(account: Account) throws {
        let number = "\(86_370 + (Account.allCases.firstIndex(of: account) ?? 0))"
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            ARG LONG=1
            RUN --mount=type=cache,target=/locked,sharing=locked --mount=type=cache,target=/private,sharing=private \\
                --mount=type=cache,target=/shared --mount=type=tmpfs,target=/memory --mount=target=/context,rw \\
                --mount=type=secret,id=s,target=/secret \\
                echo "$(ls /private /locked)." && echo x > /private/x && echo x > /locked/x && \\
                if [ -n "$LONG" ]; then echo waiting$((1+1)); setsid sleep \(number) & sleep \(number); fi
            """,
            ["value": "hidden\n"],
            as: account
        )
        let arguments = ["--progress=plain", "--secret", "id=s,src=value", "-o", "type=cacheonly"]
        var first = try project.command(arguments + ["."]).start()
        try first.wait(for: "waiting2")
        let namespace = try namespace(of: first.pid)
        var second = try project.command(arguments + ["--build-arg", "LONG=", "."]).start()
        // It is at the step, and waits for the cache that the first one holds.
        try second.wait(for: "RUN --mount")
        first.signal(SIGKILL)
        _ = try first.finish()
        let outcome = try second.finish()
        #expect(outcome.succeeded, "\(outcome)")
        // Both volumes are those of before, the private one too: nobody holds it.
        #expect(outcome.errors.contains(" x\n"), "\(outcome)")
        try waitForTheEnd(of: namespace, number)
        try expectNothingHeld(project)
    }

    @Test(
        "while an image is pulled, the context copied and the result written",
        arguments: Account.available,
        ["load build definition", "FROM 127.0.0.1", "COPY .", "exporting"]
    )
    func elsewhere(account: Account, moment: String) throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nCOPY . /src\nRUN --mount=type=cache,target=/c,sharing=locked ls /src\n",
            as: account
        )
        try project.shell("for n in $(seq 200); do echo $n > file$n; done; head -c 3000000 /dev/urandom > large")
        try project.handOver()
        var program = try project.command(["--progress=plain", "-o", "type=oci,dest=app.tar", "."]).start()
        try program.wait(for: moment)
        // It may have come to its end.
        let namespace = try? namespace(of: program.pid)
        program.signal(SIGKILL)
        _ = try program.finish()
        if let namespace { try waitForTheEnd(of: namespace, "86379") }
        try expectNothingHeld(project)
        try project.build("-o", "type=oci,dest=app.tar")
        try LayoutView(archive: project.path("app.tar")).expectSoundBlobs()
        // What was half done is gone.
        #expect(try FileTree.listing("\(project.cache)/swbuild/tmp").isEmpty)
        #expect(try FileTree.listing("\(project.cache)/swbuild/ingest").isEmpty)
        try expectNothingHeld(project)
    }
}
