import Testing

/// `--cache-to` and `--cache-from`: what one builder writes, another with an empty cache directory finds.
@Suite struct CacheTransferTests {
    /// The ways a cache can take.
    enum Backend: String, CaseIterable, CustomTestStringConvertible {
        case localMax, localMin, localZstd, registryMax, registryMin, registryIndex, inline

        var testDescription: String { rawValue }

        /// The options of the builder that writes and of the one that reads; `name` is a registry's repository.
        func options(_ name: String, _ directory: String) -> (to: [String], from: String) {
            switch self {
            case .localMax: (["type=local,dest=\(directory),mode=max"], "type=local,src=\(directory)")
            case .localMin: (["type=local,dest=\(directory),tag=t"], "type=local,src=\(directory),tag=t")
            case .localZstd:
                (
                    ["type=local,dest=\(directory),mode=max,compression=zstd,force-compression=true"],
                    "type=local,src=\(directory)"
                )
            case .registryMax: (["type=registry,ref=\(name):c,mode=max"], "type=registry,ref=\(name):c")
            case .registryMin: (["\(name):c"], "\(name):c")
            case .registryIndex:
                (["type=registry,ref=\(name):c,mode=max,image-manifest=false"], "type=registry,ref=\(name):c")
            case .inline: (["type=inline"], "type=registry,ref=\(name):image")
            }
        }
    }

    /// Each step leaves a number that no second run would give again.
    private func dockerfile(_ last: String = "cat /made") throws -> String {
        """
        FROM \(try BaseImages.busybox.get()) AS make
        WORKDIR /work
        COPY file .
        RUN cat /proc/sys/kernel/random/uuid > /first; cp file copied
        FROM \(try BaseImages.busybox.get())
        COPY --from=make /first /work/copied /made/
        RUN cat /proc/sys/kernel/random/uuid > /second; \(last)/* > /both
        """
    }

    private static let steps = [
        "WORKDIR", "COPY file", "RUN cat /proc/sys/kernel/random/uuid > /first", "COPY --from",
        "RUN cat /proc/sys/kernel/random/uuid > /second",
    ]

    private func numbers(_ project: Project, _ out: String) throws -> [String] {
        try ["made/first", "second", "both"].map { try FileTree.text(project.path("\(out)/\($0)")) }
    }

    /// A second cache directory, empty.
    private func otherCache(_ project: Project, _ name: String = "other") throws -> [String: String] {
        let path = try project.scratch.directory(name)
        try project.handOver()
        return ["XDG_CACHE_HOME": path]
    }

    @Test(
        "all steps are found on another builder, and nothing is fetched before it is needed",
        arguments: Backend.allCases
    )
    func roundTrip(backend: Backend) throws {
        let registry = try RegistryServer.shared.get().server.address
        let name = "\(registry)/transfer-\(backend.rawValue.lowercased())"
        let project = try Project(try dockerfile(), ["file": "x"])
        let (to, from) = backend.options(name, project.path("../stored"))
        try project.build(
            arguments: to.flatMap { ["--cache-to", $0] } + ["-t", "\(name):image", "--push", "-o", "out"]
        )
        let other = try otherCache(project)
        let found = try project.build("--cache-from", from, "-o", "type=cacheonly", environment: other)
        let progress = PlainProgress(found)
        for step in Self.steps { #expect(progress.end(of: step) == .cached, "\(step): \(found)") }
        let layers = try Command.shell(
            "ls \"$1/swbuild/snapshots\"; find \"$1/swbuild/blobs\" -size +64k",
            [other["XDG_CACHE_HOME"] ?? ""],
            in: project.directory
        )
        #expect(layers.isEmpty, "\(layers)")
        let fetched = try project.build("--cache-from", from, "-o", "again", environment: other)
        for step in Self.steps { #expect(PlainProgress(fetched).end(of: step) == .cached, "\(step): \(fetched)") }
        #expect(try numbers(project, "again") == numbers(project, "out"))
        // What was fetched is there, and needs the cache elsewhere no more.
        let without = try project.build("-o", "third", environment: other)
        #expect(PlainProgress(without).end(of: "> /second") == .cached, "\(without)")
        #expect(try numbers(project, "third") == numbers(project, "out"))
    }

    @Test("what root wrote is found by an ordinary user, whatever ids there are", arguments: Account.available)
    func otherUsers(account: Account) throws {
        let registry = try RegistryServer.shared.get().server.address
        let name = "\(registry)/transfer-\(account.rawValue)"
        let text = try dockerfile("chown 12:34 /made/first; cat /made")
        let writer = try Project(text, ["file": "x"])
        try writer.build("--cache-to", "type=registry,ref=\(name):c,mode=max", "-o", "type=tar,dest=first.tar")
        let reader = try Project(text, ["file": "x"], as: account)
        let found = try reader.build("--cache-from", "\(name):c", "-o", "type=tar,dest=second.tar")
        for step in Self.steps { #expect(PlainProgress(found).end(of: step) == .cached, "\(step): \(found)") }
        func listing(_ project: Project, _ file: String) throws -> Set<Substring> {
            let text = try Command.shell(
                "tar --numeric-owner -tvf \"$1\" | sed -E 's/ +[0-9-]+ [0-9:]+ / /'",
                [file],
                in: project.directory
            )
            return Set(text.split(separator: "\n"))
        }
        let difference = try listing(writer, "first.tar").symmetricDifference(listing(reader, "second.tar"))
        #expect(difference.isEmpty)
    }

    @Test(
        "a changed step runs upon what was fetched, and nothing below it does",
        arguments: [Backend.localMax, .localMin]
    )
    func edit(backend: Backend) throws {
        let project = try Project(try dockerfile(), ["file": "x"])
        let (to, from) = backend.options("", project.path("../stored"))
        try project.build(arguments: to.flatMap { ["--cache-to", $0] } + ["-o", "out"])
        try project.write("Dockerfile", try dockerfile("echo changed; cat /made"))
        let other = try otherCache(project)
        let outcome = try project.build("--cache-from", from, "-o", "again", environment: other)
        let progress = PlainProgress(outcome)
        #expect(progress.end(of: "> /second") == .done, "\(outcome)")
        let (before, after) = (try numbers(project, "out"), try numbers(project, "again"))
        #expect(before[1] != after[1])
        // The smaller cache has the last result alone: to build upon the copy, everything before it runs.
        #expect((before[0] == after[0]) == (backend == .localMax), "\(outcome)")
        #expect(progress.end(of: "COPY --from") == (backend == .localMax ? .cached : .done), "\(outcome)")
        // Both builders now build upon what they have, and neither took a wrong result for its own.
        try project.build("-o", "third", environment: other)
        #expect(try numbers(project, "third") == after)
    }

    @Test(
        "a layer that is gone or damaged is made instead, with a warning",
        arguments: ["rm $b", "printf x | dd of=$b conv=notrunc bs=1 seek=30 2>/dev/null"]
    )
    func damage(script: String) throws {
        let project = try Project(try dockerfile(), ["file": "x"])
        try project.build("--cache-to", "type=local,dest=../stored,mode=max", "-o", "out")
        try project.shell(
            "chmod -R u+w ../stored; for b in $(grep -lv schemaVersion $(find ../stored/blobs -type f)); do head -c 2 $b | grep -q '{' || { \(script); }; done"
        )
        let outcome = try project.build(
            "--cache-from",
            "type=local,src=../stored",
            "-o",
            "again",
            environment: try otherCache(project)
        )
        #expect(outcome.errors.contains("build without imported caches"), "\(outcome)")
        #expect(outcome.errors.contains("WARN: cache local:../stored"), "\(outcome)")
        #expect(try FileTree.text(project.path("again/made/copied")) == "x")
    }

    @Test(
        "a cache that is not there is told of, and the build goes on",
        arguments: [
            ("type=local,src=none", "local cache import at none skipped"),
            ("type=local,src=broken", "failed to configure local cache importer"),
            ("type=registry,ref=127.0.0.1:1/none:1", "failed to configure registry cache importer"),
            ("type=local,src=image", "it holds no cache"),
        ]
    )
    func missing(source: String, message: String) throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x", "broken/index.json": "{"])
        try project.build("-t", "a:latest", "-o", "type=oci,dest=image,tar=false")
        let outcome = try project.build("--cache-from", source, "-o", "out")
        #expect(outcome.errors.contains(message), "\(outcome)")
        #expect(try FileTree.text(project.path("out/file")) == "x")
    }

    @Test("a registry that goes away fails the export, which names the blob; unless errors are ignored")
    func registryGone() throws {
        let scratch = Scratch()
        let server = try RegistryServer(in: scratch, name: "gone")
        let name = "\(server.address)/cache:1"
        server.stop()
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        let outcome = try project.command([
            "--progress=plain", "--cache-to", "type=registry,ref=\(name)", "-o", "out", ".",
        ]).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errors.contains("cannot write layer sha256:"), "\(outcome)")
        let ignored = try project.build("--cache-to", "type=registry,ref=\(name),ignore-error=true", "-o", "out2")
        #expect(ignored.errors.contains("exporting cache to registry"), "\(ignored)")
        #expect(try FileTree.text(project.path("out2/file")) == "x")
    }

    @Test("a directory keeps the caches of other tags, and `reset` drops them")
    func tags() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.build("--cache-to", "type=local,dest=../stored,tag=one", "-o", "type=cacheonly")
        try project.write("file", "y")
        try project.build("--cache-to", "type=local,dest=../stored,tag=two", "-o", "type=cacheonly")
        let view = LayoutView(directory: project.path("../stored"))
        let names = #"[.manifests[].annotations["org.opencontainers.image.ref.name"]]"#
        #expect(try view.index(names) == #"["one","two"]"#)
        try view.expectSoundBlobs()
        try project.build("--cache-to", "type=local,dest=../stored,tag=three,reset=true", "-o", "type=cacheonly")
        #expect(try view.index(names) == #"["three"]"#)
        let blobs = try Command.shell("ls ../stored/blobs/sha256 | wc -l", in: project.directory)
        // One layer, one configuration, one manifest.
        #expect(blobs == "3\n")
    }

    @Test("nothing but an image has no cache to write")
    func empty() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nENV A=1\n")
        let outcome = try project.build("--cache-to", "type=local,dest=../stored", "-o", "type=cacheonly")
        #expect(outcome.errors.contains("skipping cache export for empty result"), "\(outcome)")
    }

    @Test("equal results of another definition stop the rebuild", arguments: Account.available)
    func earlyCutoff(account: Account) throws {
        func text(_ comment: String) throws -> String {
            """
            FROM \(try BaseImages.busybox.get())
            RUN rm /bin/ls; ln -s x /link; mkdir -m 750 /d; echo 1 > /d/f; chown 3:4 /d/f # \(comment)
            RUN cat /proc/sys/kernel/random/uuid > /second
            """
        }
        let project = try Project(try text("one"), as: account)
        try project.build("-o", "out1")
        try project.write("Dockerfile", try text("two"))
        let outcome = try project.build("-o", "out2")
        #expect(PlainProgress(outcome).end(of: "RUN rm") == .done, "\(outcome)")
        #expect(PlainProgress(outcome).end(of: "> /second") == .cached, "\(outcome)")
        #expect(try FileTree.text(project.path("out1/second")) == FileTree.text(project.path("out2/second")))
        let again = try project.build("-o", "out3")
        #expect(PlainProgress(again).end(of: "RUN rm") == .cached, "\(again)")
        // Without the cache everything is new.
        let fresh = try project.build("--no-cache", "-o", "out4")
        #expect(PlainProgress(fresh).end(of: "> /second") == .done, "\(fresh)")
        #expect(try FileTree.text(project.path("out1/second")) != FileTree.text(project.path("out4/second")))
    }
}
