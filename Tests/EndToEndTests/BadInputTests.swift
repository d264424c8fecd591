import Testing

/// What is wrong is named, with its place, and nothing is written.
@Suite struct BadInputTests {
    /// A Dockerfile that cannot be built, and what the message must hold.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let dockerfile: String?
        let arguments: [String]
        let messages: [String]
        var testDescription: String { name }

        init(_ name: String, _ dockerfile: String?, _ arguments: [String] = [], says messages: String...) {
            self.name = name
            self.dockerfile = dockerfile
            self.arguments = arguments
            self.messages = messages
        }
    }

    static let cases: [Case] = [
        Case("missing Dockerfile", nil, says: "failed to read dockerfile", "Dockerfile", "no such file or directory"),
        Case("missing -f file", "FROM scratch", ["-f", "other/File"], says: "other/File", "no such file or directory"),
        Case("empty Dockerfile", "", says: "the Dockerfile cannot be empty"),
        Case("only comments", "# a\n\n# b\n", says: "file with no instructions"),
        Case("only arguments", "ARG A=1\n", says: "dockerfile contains no stages to build"),
        Case("no FROM", "RUN true\n", says: "no build stage in current context", "Dockerfile:1"),
        Case(
            "unknown instruction",
            "FROM scratch\nRUNN true\n",
            says: "dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)",
            "Dockerfile:2:1",
            "     |     ^^^^",
            "   2 | >>> RUNN true"
        ),
        Case(
            "unknown flag",
            "FROM scratch\nCOPY --chwon=1 a /\n",
            says: "dockerfile parse error on line 2: unknown flag: --chwon (did you mean chown?)",
            "Dockerfile:2"
        ),
        Case("unknown command-line flag", "FROM scratch\n", ["--outptu=x"], says: "--outptu"),
        Case("flag without a value", "FROM scratch\nCOPY --from a /\n", says: "--from", "Dockerfile:2"),
        Case(
            "missing argument",
            "FROM scratch\nCOPY a\n",
            says: "COPY requires at least two arguments",
            "Dockerfile:2"
        ),
        Case("unterminated quote", "FROM scratch\nENV A=\"x\n", says: "Dockerfile:2"),
        Case("bad substitution", "FROM scratch\nARG A\nCOPY ${A /\n", says: "failed to process", "Dockerfile:3"),
        Case("unterminated heredoc", "FROM scratch\nCOPY <<EOF /a\nx\n", says: "EOF", "Dockerfile:2"),
        Case(
            "unknown target",
            "FROM scratch AS test\n",
            ["--target", "tset"],
            says: "target stage \"tset\" could not be found"
        ),
        Case(
            "unknown stage",
            "FROM scratch\nFROM scratch\nCOPY --from=7 /a /\n",
            says: "invalid stage index 7",
            "Dockerfile:3"
        ),
        Case(
            "stage that copies from itself",
            "FROM scratch AS me\nCOPY --from=me /a /\n",
            says: "circular dependency detected on stage: me",
            "Dockerfile:2"
        ),
        Case(
            "circular stages",
            "FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\nCOPY --from=a /x /\n",
            says: "cannot copy from stage \"b\", it needs to be defined before current stage \"a\"",
            "Dockerfile:2"
        ),
        Case(
            "missing COPY source",
            "FROM scratch\nCOPY nope.txt /\n",
            says: "\"/nope.txt\": not found",
            "Dockerfile:2",
            "   2 | >>> COPY nope.txt /"
        ),
        Case(
            "missing COPY source beside a wildcard that matches",
            "FROM scratch\nCOPY Docker* nope /x/\n",
            says: "\"/nope\": not found",
            "Dockerfile:2"
        ),
        Case("invalid image name", "FROM Not/Valid:name:x\n", says: "invalid reference format", "Dockerfile:1"),
        Case("invalid platform", "FROM scratch\n", ["--platform", "x/y/z/w"], says: "x/y/z/w"),
        Case("undefined base", "FROM $NOTHING\n", says: "base name ($NOTHING) should not be blank", "Dockerfile:1"),
        Case("control character in a name", "FROM scratch\nCOPY a\u{1} /\n", says: "not found", "Dockerfile:2"),
    ]

    @Test("is refused with its cause and place", arguments: cases)
    func refused(example: Case) throws {
        let project = try Project(example.dockerfile)
        let outcome = try project.command(["-o", "out"] + example.arguments + ["."]).run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.output.isEmpty)
        for message in example.messages { #expect(outcome.errors.contains(message), "\(message) in \(outcome)") }
        #expect(!FileTree.exists(project.path("out")))
    }

    @Test("a missing COPY source gives exactly this")
    func exactBlock() throws {
        let project = try Project("FROM scratch\nCOPY nope.txt /\nCOPY other /\n")
        let outcome = try project.command(["--progress=quiet", "-o", "out", "."]).run()
        #expect(outcome.status == .exited(1))
        let excerpt = """
            Dockerfile:2:6
            --------------------
               1 |     FROM scratch
               2 | >>> COPY nope.txt /
                 |          ^^^^^^^^
               3 |     COPY other /
               4 |     \n--------------------
            """
        #expect(outcome.errors.contains(excerpt), "\(outcome)")
        #expect(outcome.errors.contains("\nERROR: "), "\(outcome)")
    }

    @Test("a failing RUN: its output, its exit code, its line; status 1", arguments: Account.available)
    func failingRun(account: Account) throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN echo compiling && echo wrong >&2 && exit 42\nRUN echo never\n",
            as: account
        )
        let outcome = try project.fail("-t", "app:1", "-o", "type=oci,dest=app.tar")
        let process = #"process "/bin/sh -c echo compiling && echo wrong >&2 && exit 42" did not complete successfully"#
        for text in ["compiling\n", "wrong\n", "\(process): exit code: 42", "Dockerfile:2:1\n", "   2 | >>> RUN echo"] {
            #expect(outcome.errors.contains(text), "\(text) in \(outcome)")
        }
        #expect(!outcome.errors.contains("RUN echo never\n#"))
        #expect(!FileTree.exists(project.path("app.tar")))
    }

    @Test("a program that does not exist, and one that dies of a signal")
    func brokenPrograms() throws {
        let busybox = try BaseImages.busybox.get()
        let missing = try Project("FROM \(busybox)\nRUN [\"/no/such/program\"]\n").fail("-o", "out")
        #expect(missing.errors.contains("/no/such/program"), "\(missing)")
        let killed = try Project("FROM \(busybox)\nRUN kill -TERM $$; sleep 1\nRUN sh -c 'kill -KILL $$'; exit $?\n")
            .fail(
                "-o",
                "out"
            )
        #expect(killed.errors.contains("exit code: 137"), "\(killed)")
    }

    @Test(
        "a failed build writes no part of an output",
        arguments: ["out", "type=tar,dest=out", "type=oci,dest=out", "type=docker,dest=out"]
    )
    func nothingWritten(output: String) throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN false\n")
        _ = try project.fail("-o", output)
        #expect(try FileTree.listing(project.directory) == ["Dockerfile"])
    }

    @Test("a context that does not exist")
    func missingContext() throws {
        let project = try Project("FROM scratch\n")
        let outcome = try project.run("-o", "out", "no/such/place")
        #expect(outcome.status == .exited(1))
        #expect(outcome.errors.contains("unable to prepare context: path \"no/such/place\" not found"), "\(outcome)")
    }

    @Test("what is not supported is named with its line, never ignored")
    func unsupported() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN --device=vendor.com/x=y true\n")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("device"), "\(outcome)")
        #expect(outcome.errors.contains("Dockerfile:2"), "\(outcome)")
    }

    @Test(
        "a cache directory that cannot be written",
        arguments: Account.available.filter { $0 != .caller || !Machine.isRoot }
    )
    func readOnlyCache(account: Account) throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n", as: account)
        // It belongs to another account: in a user namespace, modes do not keep an owner out.
        try Command.check("chown", ["root:root", project.cache])
        try Command.check("chmod", ["755", project.cache])
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains(project.cache), "\(outcome)")
        #expect(outcome.errors.contains("permission denied"), "\(outcome)")
    }

    @Test("a cache directory on a read-only file system, as root", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func readOnlyFileSystem() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        let mount = try TemporaryFileSystem(at: project.cache, options: "ro")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains(project.cache), "\(outcome)")
        #expect(outcome.errors.contains("read-only file system"), "\(outcome)")
        mount.unmount()
    }
}
