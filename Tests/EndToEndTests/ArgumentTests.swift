import Testing

/// `ARG`, `ENV` and their expansion, seen from a step.
@Suite struct ArgumentTests {
    /// Instructions between FROM and a step that prints `$X`, with the flags given and what it prints.
    struct Case: CustomTestStringConvertible, Sendable {
        let head: String
        let instructions: String
        let flags: [String]
        let printed: String
        var testDescription: String { "\(head)/\(instructions) \(flags)" }

        init(_ instructions: String, head: String = "", _ flags: [String] = [], prints printed: String) {
            self.head = head
            self.instructions = instructions
            self.flags = flags
            self.printed = printed
        }
    }

    static let cases: [Case] = [
        Case("ARG X", prints: ""),
        Case("ARG X=d", prints: "d"),
        Case("ARG X=d", ["--build-arg", "X=v"], prints: "v"),
        Case("ARG X=d", ["--build-arg=X="], prints: ""),
        Case("ARG X=d", ["--build-arg", "X"], prints: "from the caller"),
        Case("", ["--build-arg", "X=v"], prints: ""),
        Case("", head: "ARG X=global", prints: ""),
        Case("ARG X", head: "ARG X=global", prints: "global"),
        Case("ARG X=own", head: "ARG X=global", prints: "own"),
        Case("ARG X", head: "ARG X=global", ["--build-arg", "X=v"], prints: "v"),
        Case("ENV X=e\nARG X=a", prints: "a"),
        Case("ARG X=a\nENV X=e", ["--build-arg", "X=v"], prints: "e"),
        Case("ENV A=1\nENV A=2 X=$A", prints: "1"),
        Case("ENV X=${NONE:-fallback}", prints: "fallback"),
        Case("ENV A=set\nENV X=${A:+other}", prints: "other"),
        Case("ENV X='$A'", prints: "$A"),
        Case("ENV X=\\$A", prints: "$A"),
        Case("ENV X a b", prints: "a b"),
        Case("ARG TARGETOS\nENV X=$TARGETOS", prints: "linux"),
        Case("ARG X=a$BASE", prints: "abusybox"),
    ]

    @Test("a step sees the right value", arguments: cases)
    func values(example: Case) throws {
        let project = try Project(
            """
            \(example.head)
            FROM \(try BaseImages.busybox.get()) AS make
            \(example.instructions)
            RUN printf %s "$X" > /tmp/out
            FROM scratch
            COPY --from=make /tmp/out /
            """
        )
        let command = project.command(
            ["-o", "out"] + example.flags + ["."],
            environment: ["X": "from the caller"]
        )
        let outcome = try command.run()
        try #require(outcome.succeeded, "\(outcome)")
        #expect(try FileTree.text(project.path("out/out")) == example.printed)
    }

    @Test("the base image's name can come from a global ARG")
    func base() throws {
        let project = try Project("ARG BASE=scratch\nFROM ${BASE}\nCOPY Dockerfile /\n")
        try project.build("-o", "out")
        let busybox = try BaseImages.busybox.get()
        try project.build("--build-arg", "BASE=\(busybox)", "-o", "full")
        #expect(try FileTree.listing(project.path("out")) == ["Dockerfile"])
        #expect(FileTree.exists(project.path("full/bin/busybox")))
    }

    @Test("an unused build argument is mentioned, and harms nothing")
    func unused() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        try project.build("--build-arg", "NOBODY=x", "-o", "out")
        #expect(FileTree.exists(project.path("out/Dockerfile")))
    }
}
