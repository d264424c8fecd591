import Testing

/// The command line itself: what is printed where.
@Suite struct CommandLineTests {
    @Test("--version and --help go to standard output")
    func information() throws {
        let version = try Command(Machine.swbuild, ["--version"]).run()
        #expect(version.succeeded && version.errors.isEmpty)
        #expect(version.text.split(separator: ".").count == 3)
        let help = try Command(Machine.swbuild, ["--help"]).run()
        #expect(help.succeeded && help.errors.isEmpty)
        #expect(help.text.contains("USAGE"))
    }

    @Test("without a context there is a hint, not a build")
    func noContext() throws {
        let outcome = try Command(Machine.swbuild, []).run()
        #expect(outcome.status == .exited(1))
        #expect(
            outcome.errors.contains("please specify build context (e.g. \".\" for the current directory)"),
            "\(outcome)"
        )
    }

    @Test("progress goes to standard error, `--quiet` prints the image's digest alone")
    func quiet() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        let outcome = try project.run("-q", "-t", "app:1", "-o", "type=oci,dest=app.tar", ".")
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        let view = try LayoutView(archive: project.path("app.tar"))
        #expect(outcome.text == "\(try view.manifest(".config.digest"))\n")
    }

    @Test("plain progress names the steps as BuildKit does")
    func plain() throws {
        let project = try Project("FROM scratch AS one\nCOPY Dockerfile /\nWORKDIR /w\n")
        let names = PlainProgress(try project.build("-o", "out")).steps.map(\.name)
        #expect(names.contains("[internal] load build definition from Dockerfile"))
        #expect(names.contains("[1/2] COPY Dockerfile /"))
        #expect(names.contains("[2/2] WORKDIR /w"))
        #expect(names.last == "exporting to client directory")
    }

    @Test("`--progress=tty` needs a terminal")
    func terminal() throws {
        let outcome = try Project("FROM scratch\nCOPY Dockerfile /\n").run("--progress=tty", "-o", "out", ".")
        #expect(outcome.status == .exited(1))
        #expect(outcome.errors.contains("failed to get console"), "\(outcome)")
    }

    @Test("a terminal gets the redrawn view")
    func redrawn() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        var command = project.command([])
        command.program = "script"
        command.arguments = ["-qec", "\(Machine.swbuild) -o out .", "/dev/null"]
        command.environment["TERM"] = "xterm"
        let outcome = try command.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.text.contains("[+] Building"), "\(outcome)")
        #expect(outcome.text.contains("FINISHED"), "\(outcome)")
    }

    @Test("`--iidfile` and `--metadata-file` name the image")
    func files() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        try project.build(
            "-t",
            "app:1",
            "-o",
            "type=oci,dest=app.tar",
            "--iidfile",
            "id",
            "--metadata-file",
            "meta.json"
        )
        let view = try LayoutView(archive: project.path("app.tar"))
        #expect(try FileTree.text(project.path("id")) == view.manifest(".config.digest"))
        let digest = try Command.check("jq", ["-r", ".[\"containerimage.digest\"]", project.path("meta.json")])
        #expect(digest == "\(try view.index(".manifests[0].digest"))\n")
    }

    @Test("without an output there is a warning, and the result stays in the cache")
    func noOutput() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        let outcome = try project.build()
        #expect(outcome.errors.contains("No output specified"), "\(outcome)")
        #expect(try FileTree.listing(project.directory) == ["Dockerfile"])
    }
}
