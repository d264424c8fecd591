import Testing

/// What runs again and what does not.
@Suite struct CacheTests {
    /// Each step leaves a number that no second run would give again.
    private func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.busybox.get()) AS make
        RUN cat /proc/sys/kernel/random/uuid > /first
        COPY file /file
        RUN cat /proc/sys/kernel/random/uuid > /second
        FROM scratch
        COPY --from=make /first /second /file /
        """
    }

    private func numbers(_ project: Project, _ out: String) throws -> [String] {
        try ["first", "second"].map { try FileTree.text(project.path("\(out)/\($0)")) }
    }

    @Test("the second build of the same thing is cached", arguments: Account.available)
    func second(account: Account) throws {
        let project = try Project(try dockerfile(), ["file": "x"], as: account)
        try project.build("-o", "out1")
        let outcome = try project.build("-o", "out2")
        #expect(try numbers(project, "out1") == numbers(project, "out2"))
        let progress = PlainProgress(outcome)
        for step in ["RUN cat", "COPY file", "COPY --from=make"] {
            #expect(progress.end(of: step) == .cached, "\(step): \(outcome)")
        }
    }

    @Test("an edit reruns what depends on it and nothing else")
    func edit() throws {
        let project = try Project(try dockerfile(), ["file": "x", "unused": "1"])
        try project.build("-o", "out1")
        try project.write("unused", "2")
        try project.shell("touch file Dockerfile")
        try project.build("-o", "out2")
        #expect(try numbers(project, "out1") == numbers(project, "out2"))
        try project.write("file", "y")
        try project.build("-o", "out3")
        let before = try numbers(project, "out1")
        let after = try numbers(project, "out3")
        #expect(before[0] == after[0])
        #expect(before[1] != after[1])
        #expect(try FileTree.text(project.path("out3/file")) == "y")
    }

    @Test("a file changed at equal size and equal time is noticed")
    func sameSizeSameTime() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.shell("touch -d @1000000000 file")
        try project.build("-o", "out1")
        try project.shell("printf y > file && touch -d @1000000000 file")
        try project.build("-o", "out2")
        #expect(try FileTree.text(project.path("out2/file")) == "y")
    }

    @Test("a context that changes during a build is refused, and no later build takes what it held")
    func changesDuringTheBuild() throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN echo started && sleep 3\nCOPY file /\n",
            ["file": "one"]
        )
        let script = """
            { "$1" --progress=plain -o out1 . 2>log; echo $? >status; } &
            until grep -q ' started$' log; do sleep 0.05; done
            printf two >file
            wait
            """
        var command = project.command([])
        command.arguments = ["-c", script, "sh", Machine.swbuild]
        command.program = "/bin/sh"
        _ = try command.run()
        #expect(try FileTree.text(project.path("status")) == "1\n")
        #expect(try FileTree.text(project.path("log")).contains("changed while it was being copied"))
        #expect(!FileTree.exists(project.path("out1")))
        try project.write("file", "one")
        try project.build("-o", "out2")
        #expect(try FileTree.text(project.path("out2/file")) == "one")
    }

    @Test("`--no-cache` runs every step again")
    func noCache() throws {
        let project = try Project(try dockerfile(), ["file": "x"])
        try project.build("-o", "out1")
        try project.build("--no-cache", "-o", "out2")
        let before = try numbers(project, "out1")
        let after = try numbers(project, "out2")
        #expect(before[0] != after[0] && before[1] != after[1])
    }

    @Test("a build argument reruns the steps after its declaration, an unused one none")
    func arguments() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN cat /proc/sys/kernel/random/uuid > /first
            ARG VERSION
            RUN cat /proc/sys/kernel/random/uuid > /second
            FROM scratch
            COPY --from=make /first /second /
            """
        )
        try project.build("-o", "out1", "--build-arg", "VERSION=1")
        try project.build("-o", "out2", "--build-arg", "VERSION=1", "--build-arg", "HTTP_PROXY=http://127.0.0.1:9")
        #expect(try numbers(project, "out1") == numbers(project, "out2"))
        try project.build("-o", "out3", "--build-arg", "VERSION=2")
        let before = try numbers(project, "out1")
        let after = try numbers(project, "out3")
        #expect(before[0] == after[0])
        #expect(before[1] != after[1])
    }

    @Test("two builds at once share the cache and both succeed", arguments: Account.available)
    func twoAtOnce(account: Account) throws {
        let project = try Project(try dockerfile(), ["file": "x"], as: account)
        let other = try project.command(["--progress=plain", "-o", "out1", "."]).start()
        try project.build("-o", "out2")
        let outcome = try other.finish()
        #expect(outcome.succeeded, "\(outcome)")
        for out in ["out1", "out2"] { #expect(try FileTree.text(project.path("\(out)/file")) == "x") }
    }
}
