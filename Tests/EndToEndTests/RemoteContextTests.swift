import Testing

/// Contexts that are one file: behind a URL or on standard input; and named contexts of every kind (spec/03 §3.5, §3.6).
@Suite struct RemoteContextTests {
    /// Packs a tree of text files the way `tar` does for the name's suffix.
    private static func archive(_ name: String, _ files: [String: String]) throws -> [UInt8] {
        let scratch = Scratch()
        for (path, text) in files { try scratch.write("tree/\(path)", text) }
        let path = scratch.path(name)
        try Command.check("tar", ["-C", scratch.path("tree"), "--owner=7", "--group=8", "-caf", path, "."])
        return try FileTree.bytes(path)
    }

    private static let files = [
        "Dockerfile": "FROM scratch\nCOPY a sub /\n", "a": "one\n", "sub/b": "two\n",
        "other/Dockerfile": "FROM scratch\nCOPY a /other\n", ".dockerignore": "a\n",
    ]

    private static let kinds = ["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"]

    @Test("an archive behind a URL is the context, whatever its compression", arguments: kinds)
    func overHTTP(kind: String) throws {
        let bytes = try Self.archive("c.\(kind)", Self.files)
        let server = try FileServer { _ in FileServer.Reply(headers: ["ETag": "\"1\""], body: bytes) }
        let project = try Project(nil)
        let outcome = try project.run("--progress=plain", "-o", "out", "\(server.url)/x/c")
        try #require(outcome.succeeded, "\(outcome)")
        #expect(try FileTree.listing(project.path("out")) == ["a", "b"])
        #expect(outcome.errors.contains("[internal] load remote build context\n"), "\(outcome)")
        #expect(outcome.errors.contains("copy /context /\n"), "\(outcome)")
        let other = try project.run("-f", "other/Dockerfile", "-o", "other", "\(server.url)/x/c")
        try #require(other.succeeded, "\(other)")
        #expect(try FileTree.text(project.path("other/other")) == "one\n")
    }

    @Test("an archive on standard input is the context", arguments: kinds)
    func onStandardInput(kind: String) throws {
        let project = try Project(nil)
        try FileTree.write(project.scratch.path("input"), try Self.archive("c.\(kind)", Self.files))
        var command = project.command(["--progress=plain", "-o", "out", "-"])
        command.input = project.scratch.path("input")
        let outcome = try command.run()
        try #require(outcome.succeeded, "\(outcome)")
        #expect(try FileTree.text(project.path("out/b")) == "two\n")
        var other = project.command(["-f", "other/Dockerfile", "-o", "other", "-"])
        other.input = project.scratch.path("input")
        #expect(try other.run().succeeded)
        #expect(try FileTree.text(project.path("other/other")) == "one\n")
        // The second time nothing runs.
        let again = try command.run()
        #expect(again.errors.contains("COPY a sub /\n") && !again.errors.contains("COPY a sub /\n DONE"), "\(again)")
    }

    @Test("files of an archive keep their owners", .enabled(if: Machine.isRoot))
    func owners() throws {
        let bytes = try Self.archive("c.tar", Self.files)
        let server = try FileServer { _ in .bytes(bytes) }
        let project = try Project(nil)
        let outcome = try project.run("-o", "type=tar,dest=out.tar", server.url + "/c")
        try #require(outcome.succeeded, "\(outcome)")
        let listing = try Command.check("tar", ["--numeric-owner", "-tvf", project.path("out.tar"), "a"])
        #expect(listing.contains(" 7/8 "), "\(listing)")
    }

    @Test("text behind a URL or on standard input is the Dockerfile of an empty context")
    func dockerfileAlone() throws {
        let server = try FileServer { _ in .text("FROM scratch\nCOPY <<x /made\nhere\nx\n") }
        let project = try Project(nil)
        let outcome = try project.run("-o", "out", server.url + "/Dockerfile")
        try #require(outcome.succeeded, "\(outcome)")
        #expect(try FileTree.text(project.path("out/made")) == "here\n")
        let wrong = try FileServer { _ in .text("FROM scratch\nNONSENSE\n") }
        let failed = try project.run("-o", "no", wrong.url + "/Dockerfile")
        #expect(failed.status == .exited(1))
        #expect(failed.errors.contains("context:2:1\n"), "\(failed)")
        var command = project.command(["-f", "x", "-"])
        command.input = try project.scratch.write("stdin", "FROM scratch\n")
        #expect(try command.run().errors.contains("ambiguous Dockerfile source"))
    }

    @Test("`-f` may be a URL, for a context of any kind")
    func dockerfileURL() throws {
        let bytes = try Self.archive("c.tar", ["a": "one\n"])
        let server = try FileServer { request in
            request.target == "/c.tar" ? .bytes(bytes) : .text("FROM scratch\nCOPY a /a\nRUN nonsense\n")
        }
        let project = try Project(nil, ["a": "local\n"])
        let good = try FileServer { _ in .text("FROM scratch\nCOPY a /a\n") }
        #expect(try project.run("-f", good.url + "/D", "-o", "local", ".").succeeded)
        #expect(try FileTree.text(project.path("local/a")) == "local\n")
        #expect(try project.run("-f", good.url + "/D", "-o", "remote", server.url + "/c.tar").succeeded)
        #expect(try FileTree.text(project.path("remote/a")) == "one\n")
        let failed = try project.run("-f", "\(server.url)/D", "-o", "no", ".")
        #expect(failed.errors.contains("\(server.url)/D:3:1\n"), "\(failed)")
        let missing = try FileServer { _ in .notFound }
        let outcome = try project.run("-f", "\(missing.url)/D", "-o", "no", ".")
        #expect(outcome.errors.contains("cannot fetch `\(missing.url)/D`: invalid response status 404"), "\(outcome)")
    }

    @Test("a context that changes on the server is noticed")
    func changes() throws {
        let first = try Self.archive("c.tar.gz", ["Dockerfile": "FROM scratch\nCOPY a /\n", "a": "one\n"])
        let second = try Self.archive("c.tar.gz", ["Dockerfile": "FROM scratch\nCOPY a /\n", "a": "two\n"])
        let project = try Project(nil)
        let before = try FileServer { _ in .bytes(first) }
        #expect(try project.run("-o", "out", before.url + "/c").succeeded)
        let after = try FileServer { _ in .bytes(second) }
        #expect(try project.run("-o", "out", after.url + "/c").succeeded)
        #expect(try FileTree.text(project.path("out/a")) == "two\n")
    }

    @Test("what is compressed and no archive, damaged, or not there is refused")
    func failures() throws {
        let scratch = Scratch()
        try Command.shell("echo FROM scratch | gzip > \"$1\"", [scratch.path("d.gz")])
        let compressed = try FileTree.bytes(scratch.path("d.gz"))
        let whole = try Self.archive(
            "c.tar.gz",
            ["Dockerfile": "FROM scratch\n", "a": String(repeating: "x", count: 99_999)]
        )
        let damaged = Array(whole.dropLast(40))
        let server = try FileServer { request in
            switch request.target {
            case "/compressed": .bytes(compressed)
            case "/damaged": .bytes(damaged)
            default: .notFound
            }
        }
        let project = try Project(nil)
        for (name, message) in [
            ("compressed", "the build context is compressed, but is no tar archive"), ("damaged", "ERROR: "),
            ("missing", "invalid response status 404"),
        ] {
            let outcome = try project.run("-o", "out", "\(server.url)/\(name)")
            #expect(outcome.status == .exited(1), "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome)")
        }
        #expect(!FileTree.exists(project.path("out")))
    }

    @Test("an archive cannot write or read outside of the context")
    func escapes() throws {
        let scratch = Scratch()
        try Command.shell(
            """
            mkdir tree && cd tree && printf 'FROM scratch\\nCOPY . /\\n' > Dockerfile && echo evil > evil
            ln -s /var/tmp out && tar -cf ../a.tar Dockerfile out
            tar --transform='s|evil|out/swbuild-escaped|' -P -rf ../a.tar evil
            tar --transform='s|evil|../../../../../../swbuild-escaped|' -P -rf ../a.tar evil
            rm Dockerfile && ln -s /etc/passwd Dockerfile && tar -cf ../b.tar Dockerfile
            """,
            in: scratch.root
        )
        let project = try Project(nil)
        for name in ["a", "b"] {
            var command = project.command(["-o", "out-\(name)", "-"])
            command.input = scratch.path("\(name).tar")
            let outcome = try command.run()
            #expect(!outcome.errors.contains("root:x:0:0"), "\(outcome)")
        }
        #expect(!FileTree.exists("/var/tmp/swbuild-escaped"))
        #expect(!FileTree.exists("/swbuild-escaped"))
        #expect(!FileTree.exists(project.path("out-b")))
    }

    @Test("named contexts: a directory, a URL, an archive, a layout, an image, and one in place of a stage")
    func named() throws {
        let bytes = try Self.archive("c.tar.gz", ["inner": "archive\n"])
        let server = try FileServer { request in request.target == "/c.tgz" ? .bytes(bytes) : .text("file\n") }
        let image = try BaseImages.busybox.get()
        let project = try Project(
            """
            FROM scratch AS stage
            COPY nothing /
            FROM scratch
            COPY --from=dir d /
            COPY --from=tgz inner /
            COPY --from=file context /
            COPY --from=layout /built /
            COPY --from=image /etc/group /
            COPY --from=stage d /from-stage

            """,
            ["dir/d": "directory\n", "base/Dockerfile": "FROM scratch\nCOPY built /\n", "base/built": "layout\n"]
        )
        let base = try project.run("-t", "x:v1", "-o", "type=oci,tar=false,dest=base.oci", "base")
        try #require(base.succeeded, "\(base)")
        for layout in ["oci-layout://base.oci:v1", "oci-layout://\(project.path("base.oci")):v1"] {
            let outcome = try project.build(
                "--build-context=dir=dir",
                "--build-context=tgz=\(server.url)/c.tgz",
                "--build-context=file=\(server.url)/f",
                "--build-context=layout=\(layout)",
                "--build-context=image=docker-image://\(image)",
                "--build-context=stage=./dir",
                "-o",
                "out"
            )
            #expect(outcome.errors.contains("[context tgz] load remote build context"), "\(outcome)")
        }
        let out = project.path("out")
        #expect(try FileTree.text("\(out)/d") == "directory\n")
        #expect(try FileTree.text("\(out)/inner") == "archive\n")
        #expect(try FileTree.text("\(out)/context") == "file\n")
        #expect(try FileTree.text("\(out)/built") == "layout\n")
        #expect(try FileTree.text("\(out)/from-stage") == "directory\n")
        #expect(try FileTree.text("\(out)/group") == BaseImages.group)
    }

    @Test("a layout by digest, and one that is not there")
    func layouts() throws {
        let project = try Project(
            "FROM base\nCOPY --from=base /built /again\n",
            ["base/Dockerfile": "FROM scratch\nCOPY built /\n", "base/built": "layout\n"]
        )
        #expect(try project.run("-t", "x", "-o", "type=oci,tar=false,dest=base.oci", "base").succeeded)
        let digest = try LayoutView(directory: project.path("base.oci")).index(".manifests[0].digest")
        for value in [
            "oci-layout://base.oci", "oci-layout://base.oci@\(digest)", "oci-layout://base.oci:latest@\(digest)",
        ] {
            try project.build("--build-context=base=\(value)", "-o", "out")
            #expect(try FileTree.text(project.path("out/again")) == "layout\n")
        }
        for value in ["oci-layout://base.oci:nosuch", "oci-layout://nowhere", "nowhere"] {
            let outcome = try project.fail("--build-context=base=\(value)", "-o", "no")
            #expect(outcome.errors.contains("ERROR: "), "\(outcome)")
        }
    }

    @Test("the newest file of an archive may give the build its time")
    func epoch() throws {
        let scratch = Scratch()
        try Command.shell(
            """
            mkdir tree && cd tree && printf 'FROM scratch\\nCOPY a /\\n' > Dockerfile && echo a > a && mkdir d
            touch -d 2001-02-03T04:05:06Z Dockerfile && touch -d 2002-02-03T04:05:06Z a && tar -cf ../c.tar .
            """,
            in: scratch.root
        )
        let project = try Project(nil)
        var command = project.command(["--build-arg=SOURCE_DATE_EPOCH=context", "-o", "type=oci,dest=out.tar", "-"])
        command.input = scratch.path("c.tar")
        let outcome = try command.run()
        try #require(outcome.succeeded, "\(outcome)")
        #expect(try LayoutView(archive: project.path("out.tar")).config(".created") == "2002-02-03T04:05:06Z")
    }
}
