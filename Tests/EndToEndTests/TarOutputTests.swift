import Testing

/// `-o type=tar`: the result as a tar stream.
@Suite struct TarOutputTests {
    private func list(_ outcome: Outcome, _ scratch: Scratch) throws -> [String] {
        try FileTree.write(scratch.path("result.tar"), outcome.output)
        return try Command.check("tar", ["-tf", scratch.path("result.tar")]).split(separator: "\n").map(String.init)
    }

    @Test(
        "standard output carries the tar and nothing else",
        arguments: [["-o", "-"], ["-o", "type=tar,dest=-"], ["-o", "type=tar"]]
    )
    func standardOutput(arguments: [String]) throws {
        let project = try Project(
            "FROM scratch\nCOPY . /app/\n",
            ["a": "1", "d/b": "2", ".dockerignore": "Dockerfile\n"]
        )
        let outcome = try project.command(["--progress=plain"] + arguments + ["."]).run()
        try #require(outcome.succeeded, "\(outcome)")
        #expect(try list(outcome, project.scratch) == ["app/", "app/.dockerignore", "app/a", "app/d/", "app/d/b"])
    }

    @Test("owners and modes are those of the image", arguments: Account.available)
    func owners(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN mkdir /made && echo x > /made/f && chown 12:34 /made/f && chmod 4755 /made/f
            FROM scratch
            COPY --from=make /made/f /
            """,
            as: account
        )
        try project.build("-o", "type=tar,dest=result.tar")
        let listing = try Command.check("tar", ["--numeric-owner", "-tvf", project.path("result.tar")])
        #expect(listing.hasPrefix("-rwsr-xr-x 12/34 "))
    }

    @Test("a terminal is refused as the place of an archive", arguments: ["tar", "oci", "docker"])
    func terminal(type: String) throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        var command = project.command([])
        command.program = "script"
        command.arguments = ["-qec", "\(Machine.swbuild) --progress=plain -o type=\(type),dest=- .", "/dev/null"]
        let outcome = try command.run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.text.contains("refusing to write to console"), "\(outcome)")
    }

    @Test("two outputs on standard output are refused")
    func twice() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        let outcome = try project.run("-o", "-", "-o", "type=oci,dest=-", ".")
        #expect(outcome.status == .exited(1))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("multiple outputs configured to write to stdout"), "\(outcome)")
    }

    @Test("several outputs come from the same result")
    func several() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.build("-o", "out", "-o", "type=tar,dest=result.tar", "-o", "type=oci,dest=app.tar")
        #expect(try FileTree.text(project.path("out/file")) == "x")
        #expect(try Command.check("tar", ["-tf", project.path("result.tar")]) == "file\n")
        #expect(FileTree.exists(project.path("app.tar")))
    }
}
