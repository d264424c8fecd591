import Testing

/// Cache mounts that survive: listed, exported, imported, and kept elsewhere between builds (spec/13, point 7).
@Suite struct CacheMountTests {
    /// A step that shows what it finds in its cache mount, and adds to it; another `N` runs it again.
    private func dockerfile(_ more: String = "") throws -> String {
        """
        FROM \(try BaseImages.busybox.get())
        ARG N
        RUN --mount=type=cache,id=stuff,target=/c,uid=7,mode=0750 \\
            ls -lan /c | awk '{print $1, $3, $4, $9}' > /found; cat /c/log >> /found 2>/dev/null; \\
            mkdir -p /c/d && echo "run $N" >> /c/log && chown 12:34 /c/d /c/log && chmod 4711 /c/log \\
            && ln -f /c/log /c/d/hard && ln -sfn log /c/link \(more)
        """
    }

    private func found(_ project: Project, _ n: Int, _ arguments: String...) throws -> String {
        let options = ["--progress=plain", "--build-arg", "N=\(n)", "-o", "out\(n)"]
        let outcome = try project.command(options + arguments + ["."]).run()
        try #require(outcome.succeeded, "\(outcome)")
        return try FileTree.text(project.path("out\(n)/found"))
    }

    private func rows(_ project: Project) throws -> [[Substring]] {
        let outcome = try project.run("cache", "ls")
        try #require(outcome.succeeded, "\(outcome)")
        return outcome.text.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    }

    /// What the second run finds: owners, modes, links and content.
    private let expected = [
        "drwxr-x--- 7 0 .\n", "drwxr-xr-x 12 34 d\n", "lrwxrwxrwx 0 0 link\n", "-rws--x--x 12 34 log\n", "run 1\n",
    ]

    @Test("a volume is listed, goes into a file, and comes back as it was", arguments: Account.available)
    func roundTrip(account: Account) throws {
        let project = try Project(try dockerfile(), as: account)
        #expect(try !found(project, 1).contains("log"))
        #expect(try rows(project).map { [$0[0], $0.last ?? ""] } == [["stuff", "shared"]])
        for file in ["stuff.tar", "stuff.tar.gz", "stuff.tar.zst"] {
            let exported = try project.run("cache", "export", "--mount", "stuff", file)
            try #require(exported.succeeded && exported.output.isEmpty, "\(exported)")
            let list = try Command.check("tar", ["--numeric-owner", "-tvf", project.path(file)])
            #expect(list.contains("12/34"), "\(list)")
        }
        let stream = try project.run("cache", "export", "--mount", "stuff", "-")
        #expect(try stream.output == FileTree.bytes(project.path("stuff.tar")))
        #expect(try project.run("cache", "rm", "stuff").succeeded)
        #expect(try rows(project).isEmpty)
        let imported = try project.run("cache", "import", "--mount", "stuff", "stuff.tar.zst")
        try #require(imported.succeeded, "\(imported)")
        #expect(try rows(project).map { [$0[0], $0.last ?? ""] } == [["stuff", "imported"]])
        let second = try found(project, 2)
        for line in expected { #expect(second.contains(line), "\(line): \(second)") }
        #expect(try rows(project).count == 1)
    }

    @Test("a build on another machine goes on with the volume, whoever it runs as", arguments: Account.available)
    func files(account: Account) throws {
        let first = try Project(try dockerfile())
        _ = try found(first, 1, "--cache-mount-to", "stuff=stuff.tgz")
        let next = try Project(try dockerfile(), as: account)
        try next.shell("cp \(first.path("stuff.tgz")) .")
        try next.handOver()
        let second = try found(next, 2, "--cache-mount-from", "stuff=stuff.tgz", "--cache-mount-to", "stuff=new.tgz")
        for line in expected { #expect(second.contains(line), "\(line): \(second)") }
        #expect(try Command.check("tar", ["-xOzf", next.path("new.tgz"), "d/hard"]) == "run 1\nrun 2\n")
        // What is here already is newer than what is elsewhere.
        #expect(try found(next, 3, "--cache-mount-from", "stuff=stuff.tgz").contains("run 1\nrun 2\n"))
    }

    @Test("a registry keeps the volume, and a build that is cached fetches and sends nothing")
    func registry() throws {
        let name = "\(try RegistryServer.shared.get().server.address)/mounts:stuff"
        let place = "stuff=type=registry,ref=\(name)"
        let first = try Project(try dockerfile())
        _ = try found(first, 1, "--cache-mount-from", place, "--cache-mount-to", place)
        let manifest = try Command.check(
            "skopeo",
            ["--insecure-policy", "inspect", "--raw", "--tls-verify=false", "docker://\(name)"]
        )
        #expect(manifest.contains("\"artifactType\": \"application/vnd.swbuild.cachemount.v1\""), "\(manifest)")
        let next = try Project(try dockerfile())
        let second = try found(next, 2, "--cache-mount-from", place, "--cache-mount-to", place)
        for line in expected { #expect(second.contains(line), "\(line): \(second)") }
        let again = try next.build("--build-arg", "N=2", "--cache-mount-from", place, "--cache-mount-to", place)
        #expect(!again.errors.contains("cache mount"), "\(again)")
        // Its archive does not stay beside it.
        let blobs = try next.run("du", "--filter", "type=content.blob", "--format", "{{.Description}}").text
        let layer = try layer(of: manifest)
        #expect(layer.hasPrefix("sha256:") && !blobs.contains(layer), "\(blobs)")
        let third = try Project(try dockerfile())
        #expect(try found(third, 3, "--cache-mount-from", place).contains("run 1\nrun 2\n"))
    }

    private func layer(of manifest: String) throws -> String {
        let text = try Command.shell("printf %s \"$1\" | jq -r '.layers[0].digest'", [manifest])
        return String(text.prefix { $0 != "\n" })
    }

    @Test("what cannot be imported is a warning, and the build goes on with an empty volume")
    func nothingThere() throws {
        let project = try Project(try dockerfile())
        let command = project.command([
            "--progress=plain", "--build-arg", "N=1", "--cache-mount-from", "stuff=missing.tar", "-o", "out", ".",
        ])
        let outcome = try command.run()
        #expect(outcome.succeeded && outcome.errors.contains("missing.tar"), "\(outcome)")
    }

    @Test("an archive that wants to leave its volume does not, and nothing half remains of a bad one")
    func hostile() throws {
        let project = try Project(try dockerfile())
        let script = """
            mkdir a && echo x > a/f && ln -s / a/root
            tar -cPf evil.tar --transform 's,^a/f$,../../../../../../etc/swbuild-evil,' a/f
            tar -cPf link.tar a/root && tar -rPf link.tar --transform 's,^a/f$,a/root/etc/swbuild-evil,' a/f
            head -c 700 evil.tar | gzip > short.tar.gz; head -c 60 short.tar.gz > cut.tar.gz
            """
        try project.shell(script)
        for file in ["evil.tar", "link.tar"] {
            #expect(try project.run("cache", "import", "--mount", "stuff", file).succeeded)
            #expect(try project.run("cache", "export", "--mount", "stuff", "out.tar").succeeded)
            let list = try Command.check("tar", ["-tf", project.path("out.tar")])
            #expect(list.contains("etc/swbuild-evil") && !list.contains(".."), "\(list)")
        }
        #expect(!FileTree.exists("/etc/swbuild-evil"))
        let failed = try project.run("cache", "import", "--mount", "other", "cut.tar.gz")
        #expect(failed.status == .exited(1) && failed.errors.hasPrefix("ERROR: "), "\(failed)")
        #expect(try rows(project).map { $0[0] } == ["stuff"])
    }

    @Test("while a step uses a volume nobody removes it, and an export waits", arguments: Account.available)
    func inUse(account: Account) throws {
        let project = try Project(try dockerfile("&& echo started && sleep 3 && echo end >> /c/log"), as: account)
        let script = """
            { "$1" --progress=plain --build-arg N=1 . 2>log; echo $? >status; } &
            until grep -q ' started$' log; do sleep 0.05; done
            "$1" cache ls > list
            "$1" cache rm stuff 2> removed
            "$1" prune -af > pruned
            "$1" cache export --mount stuff stuff.tar 2> waited
            wait
            """
        var command = project.command([])
        command.arguments = ["-c", script, "sh", Machine.swbuild]
        command.program = "/bin/sh"
        _ = try command.run()
        #expect(try FileTree.text(project.path("status")) == "0\n")
        #expect(try FileTree.text(project.path("list")).contains(" true "))
        let removed = try FileTree.text(project.path("removed"))
        #expect(removed == "ERROR: cannot remove cache mount `stuff`: a build is using it\n")
        #expect(try FileTree.text(project.path("waited")) == "waiting for a build that uses cache mount `stuff`\n")
        #expect(try Command.check("tar", ["-xOf", project.path("stuff.tar"), "d/hard"]) == "run 1\nend\n")
    }

    @Test("wrong words are answered with what to do")
    func mistakes() throws {
        let project = try Project("FROM scratch\n")
        let missing = try project.run("cache", "export", "--mount", "nothing", "file.tar")
        #expect(missing.status == .exited(1))
        #expect(missing.errors == "ERROR: no such cache mount: `nothing`\nhint: `swbuild cache ls` lists them\n")
        for (value, text) in [
            ("stuff", "expected key=value"), ("stuff=type=s3,ref=x", "the types are local and registry"),
            ("stuff=type=registry", "`ref` is missing"), ("stuff=type=registry,a=b", "unexpected field `a`"),
        ] {
            let outcome = try project.fail("--cache-mount-from", value)
            #expect(outcome.errors.contains(text), "\(outcome)")
        }
    }

    @Test("ids are completed from the cache directory")
    func completion() throws {
        let project = try Project(try dockerfile())
        _ = try found(project, 1)
        let words = ["swbuild", "cache", "export", "--mount", "st"]
        let outcome = try project.command(
            ["---completion", "cache", "export", "--", "--mount", "4", "2"] + words,
            environment: ["SAP_SHELL": "bash"]
        ).run()
        #expect(outcome.text.split(separator: "\n") == ["stuff"], "\(outcome)")
    }
}
