import Testing

/// What counts for the cache and what does not, as a user meets it: spec/05 §5.2 and §5.3, spec/12.
@Suite struct CacheKeyTests {
    /// Two builds of one project, and whether the step runs again in the second one.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let step: String
        let first: [String]
        let second: [String]
        /// What is done to the project in between.
        let script: String
        let runsAgain: Bool

        init(
            _ what: String,
            _ step: String = "RUN true",
            first: [String] = [],
            second: [String] = [],
            script: String = "true",
            runsAgain: Bool
        ) {
            testDescription = what
            self.step = step
            self.first = first
            self.second = second
            self.script = script
            self.runsAgain = runsAgain
        }
    }

    static let flags: [Case] = [
        Case("network", second: ["--network=none"], runsAgain: true),
        Case("a ulimit", second: ["--ulimit", "nofile=1000"], runsAgain: true),
        Case("the size of /dev/shm", second: ["--shm-size=1m"], runsAgain: true),
        Case("the name of an extra host", second: ["--add-host", "a:127.0.0.9"], runsAgain: true),
        Case(
            "the address of an extra host",
            first: ["--add-host", "a:127.0.0.8"],
            second: ["--add-host", "a:127.0.0.9"],
            runsAgain: false
        ),
        Case("a proxy", second: ["--build-arg", "HTTP_PROXY=http://127.0.0.1:9"], runsAgain: false),
        Case("an undeclared epoch", second: ["--build-arg", "SOURCE_DATE_EPOCH=1"], runsAgain: false),
        Case("an undeclared argument", second: ["--build-arg", "OTHER=1"], runsAgain: false),
        Case("an argument that is declared later", second: ["--build-arg", "LATER=1"], runsAgain: false),
        Case("an argument that is declared before", second: ["--build-arg", "EARLIER=1"], runsAgain: true),
        Case("a label", second: ["--label", "a=b"], runsAgain: false),
        Case("the tag", second: ["-t", "other:1"], runsAgain: false),
        Case("`--no-cache`", second: ["--no-cache"], runsAgain: true),
        Case("`--no-cache-filter` of the stage", second: ["--no-cache-filter=main"], runsAgain: true),
        Case("`--no-cache-filter` of another stage", second: ["--no-cache-filter=other"], runsAgain: false),
        Case("`--pull`, where the image is the same", second: ["--pull"], runsAgain: false),
        Case(
            "a secret's value",
            "RUN --mount=type=secret,id=s true",
            first: ["--secret", "id=s,src=one"],
            second: ["--secret", "id=s,src=two"],
            runsAgain: false
        ),
        Case(
            "a secret that is not there",
            "RUN --mount=type=secret,id=s true",
            first: ["--secret", "id=s,src=one"],
            runsAgain: false
        ),
    ]

    static let copies: [Case] = [
        Case("a file's time", "COPY d /o/", script: "touch -d @1 d/a d", runsAgain: false),
        Case("a file's bytes", "COPY d /o/", script: "echo 2 >d/a", runsAgain: true),
        Case("a file's mode", "COPY d /o/", script: "chmod 755 d/a", runsAgain: true),
        Case(
            "a file's owner in the context",
            "COPY d /o/",
            script: "chown 5:6 d/a 2>/dev/null || true",
            runsAgain: false
        ),
        Case(
            "a file's attribute in the context",
            "COPY d /o/",
            script: "setfattr -n user.a -v b d/a 2>/dev/null || true",
            runsAgain: false
        ),
        Case("a link's target", "COPY d /o/", script: "ln -sfn b d/link", runsAgain: true),
        Case("a name", "COPY d /o/", script: "mv d/a d/c", runsAgain: true),
        Case("a file beside", "COPY d /o/", script: "echo 2 >one; echo 3 >new", runsAgain: false),
        Case("an ignored file", "COPY d /o/", script: "echo 2 >d/ignored", runsAgain: false),
        Case("a pattern of the ignore file", "COPY d /o/", script: "echo d/b >>.dockerignore", runsAgain: true),
        Case("a pattern that matches nothing", "COPY d /o/", script: "echo nothing >>.dockerignore", runsAgain: false),
        Case("an excluded file", "COPY --exclude=b d /o/", script: "echo 2 >d/b", runsAgain: false),
        Case("a file that a wildcard does not match", "COPY d/a* /o/", script: "echo 2 >d/b", runsAgain: false),
        Case("a file that a wildcard matches", "COPY d/a* /o/", script: "echo 2 >d/a2", runsAgain: true),
        Case("a file of a bind mount", "RUN --mount=target=/m,source=d true", script: "echo 2 >d/a", runsAgain: true),
        Case(
            "a file beside a bind mount",
            "RUN --mount=target=/m,source=d true",
            script: "echo 2 >one",
            runsAgain: false
        ),
        Case(
            "the time in a bind mount",
            "RUN --mount=target=/m,source=d true",
            script: "touch -d @1 d/a",
            runsAgain: false
        ),
        Case(
            "the name of a copied directory",
            "COPY ${DIRECTORY} /o/",
            second: ["--build-arg", "DIRECTORY=same"],
            script: "cp -a d same",
            runsAgain: true
        ),
        Case(
            "the place of a copied directory",
            "COPY ${DIRECTORY} /o/",
            second: ["--build-arg", "DIRECTORY=deep/d"],
            script: "mkdir deep; cp -a d deep/; cp -a .dockerignore deep; rm deep/d/ignored",
            runsAgain: false
        ),
    ]

    private func check(_ test: Case, _ dockerfile: String) throws {
        let files = [
            "d/a": "1\n", "d/b": "1\n", "d/ignored": "1\n", "one": "1\n", "two": "2\n", ".dockerignore": "**/ignored\n",
        ]
        let project = try Project(dockerfile, files)
        try project.shell("ln -s a d/link")
        func build(_ arguments: [String]) throws -> PlainProgress {
            let common = ["--progress=plain", "-o", "type=cacheonly"]
            let outcome = try project.command(common + arguments + ["."]).run()
            try #require(outcome.succeeded, "\(outcome)")
            return PlainProgress(outcome)
        }
        let step = String(test.step.prefix { $0 != " " })
        #expect(try build(test.first).end(of: "\(step) ") == .done)
        try project.shell(test.script)
        #expect(try build(test.second).end(of: "\(step) ") == (test.runsAgain ? .done : .cached))
        // What was there before is still found.
        guard test.runsAgain, test.script == "true", !test.second.contains(where: { $0.hasPrefix("--no-cache") }) else {
            return
        }
        #expect(try build(test.first).end(of: "\(step) ") == .cached)
    }

    @Test("of the flags of a build", arguments: flags)
    func ofFlags(test: Case) throws {
        try check(
            test,
            """
            FROM \(try BaseImages.busybox.get()) AS main
            ARG EARLIER=0
            \(test.step)
            ARG LATER=0
            FROM scratch AS other
            FROM main
            """
        )
    }

    @Test("of the files of a context", arguments: copies)
    func ofFiles(test: Case) throws {
        let base = test.step.hasPrefix("RUN") ? try BaseImages.busybox.get() : "scratch"
        try check(test, "FROM \(base)\nARG DIRECTORY=d\n\(test.step)\n")
    }

    @Test("a context in which only a step's text changed, whose result is the same, lets what follows hit")
    func earlyCutoff() throws {
        func dockerfile(_ script: String) throws -> String {
            "FROM \(try BaseImages.busybox.get())\nRUN \(script)\nRUN cat /made >/last && cat /proc/sys/kernel/random/uuid >/id\n"
        }
        let project = try Project(try dockerfile("echo 1 >/made"))
        try project.build("-o", "out1")
        try project.write("Dockerfile", try dockerfile("echo $((3 - 2)) >/made"))
        let progress = PlainProgress(try project.build("-o", "out2"))
        #expect(progress.end(of: "RUN echo") == .done && progress.end(of: "RUN cat") == .cached)
        #expect(try FileTree.text(project.path("out1/id")) == FileTree.text(project.path("out2/id")))
        // A time that the step sets is a result.
        try project.write("Dockerfile", try dockerfile("echo 1 >/made; touch -d @1000 /made"))
        try project.build("-o", "out3")
        try project.write("Dockerfile", try dockerfile("echo 1 >/made; touch -d @2000 /made"))
        try project.build("-o", "out4")
        #expect(try FileTree.status(project.path("out3/made"), "%Y") == "1000")
        #expect(try FileTree.status(project.path("out4/made"), "%Y") == "2000")
    }

    @Test("a directory gets the time of this build's epoch")
    func epochOfDirectories() throws {
        let project = try Project("FROM scratch\nWORKDIR /w\n")
        for epoch in ["1000", "2000", "1000"] {
            try project.build("--build-arg", "SOURCE_DATE_EPOCH=\(epoch)", "-o", "out\(epoch)")
            #expect(try FileTree.status(project.path("out\(epoch)/w"), "%Y") == epoch)
            try project.shell("rm -rf out\(epoch)")
        }
    }

    @Test("what `--no-cache` made of one variant is not mixed into another one that gave the same before")
    func renewedVariants() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            ARG VARIANT
            RUN --mount=type=cache,target=/kept cat /kept/number >/number 2>/dev/null || echo 0 >/number
            RUN cp /number /copy; echo ${VARIANT%?} >/variant
            """
        )
        func build(_ variant: String, _ more: String...) throws -> [String] {
            let arguments = ["--progress=plain", "--build-arg", "VARIANT=\(variant)", "-o", "out"] + more + ["."]
            let outcome = try project.command(arguments).run()
            try #require(outcome.succeeded, "\(outcome)")
            defer { _ = try? Command.check("rm", ["-r", project.path("out")]) }
            return try ["number", "copy"].map { try FileTree.text(project.path("out/\($0)")) }
        }
        #expect(try build("v1") == ["0\n", "0\n"])
        #expect(try build("v2") == ["0\n", "0\n"])
        try project.write(
            "other",
            "FROM \(try BaseImages.busybox.get())\nRUN --mount=type=cache,target=/kept echo 7 >/kept/number\n"
        )
        let change = try project.command(["-f", "other", "-o", "type=cacheonly", "."]).run()
        try #require(change.succeeded, "\(change)")
        #expect(try build("v1", "--no-cache") == ["7\n", "7\n"])
        let second = try build("v2")
        #expect(second == ["0\n", "0\n"] || second == ["7\n", "7\n"], "both files are of one state: \(second)")
        #expect(try build("v1") == ["7\n", "7\n"])
    }
}
