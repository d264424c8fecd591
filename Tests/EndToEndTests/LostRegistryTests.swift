import Testing

/// A registry that goes away while a cache is on its way there, or from there.
@Suite struct LostRegistryTests {
    /// Four layers, the first and the last of which take many packets; the first is made otherwise by each run.
    private func makeProject() throws -> Project {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN cat /proc/sys/kernel/random/uuid >/number && head -c 300000 /dev/urandom >/random
            FROM scratch
            COPY --from=make /number /
            COPY large /
            COPY --from=make /random /
            """
        )
        try project.shell("head -c 300000 /dev/urandom >large")
        return project
    }

    private static let steps = ["RUN cat", "COPY --from=make /number", "COPY large", "COPY --from=make /random"]

    private func address(_ registry: borrowing RegistryServer) throws -> UInt16 {
        try #require(UInt16(registry.address.drop { $0 != ":" }.dropFirst()))
    }

    /// A cache directory besides that of the project, empty.
    private func otherCache(_ project: Project) throws -> [String: String] {
        ["XDG_CACHE_HOME": try project.scratch.directory("other")]
    }

    private func contents(_ project: Project, _ out: String) throws -> [[UInt8]] {
        try ["large", "random", "number"].map { try FileTree.bytes(project.path("\(out)/\($0)")) }
    }

    private func digest(in line: String) -> String? {
        line.firstRange(of: "sha256:").map { String(line[$0.lowerBound...].prefix("sha256:".count + 64)) }
    }

    private static let ends: [(name: String, end: Relay.End)] = [
        ("when it is first asked", Relay.End("HEAD /v2/cache/blobs/", after: 0)),
        ("in the middle of a layer", Relay.End("PUT /v2/cache/blobs/", after: 100_000)),
        ("after the first layer", Relay.End("POST /v2/cache/blobs/", number: 2, after: 0)),
        ("before the last layer", Relay.End("PUT /v2/cache/blobs/", number: 4, after: 0)),
        ("before the configuration", Relay.End("PUT /v2/cache/blobs/", number: 5, after: 0)),
        ("before the manifest", Relay.End("PUT /v2/cache/manifests/", after: 0)),
    ]

    @Test(
        "an export fails and names what it could not write; where errors are ignored that is a warning",
        arguments: ends
    )
    func export(name: String, end: Relay.End) throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "lost")
        let project = try makeProject()
        let whole = "type=registry,ref=\(registry.address)/cache:1,mode=max"
        try project.build("--cache-to", whole, "-o", "out")
        let tag = "\(registry.storage)/repositories/cache/_manifests/tags/1/current/link"
        let before = try FileTree.text(tag)
        for ignores in [false, true] {
            // Four other layers: what is in the registry is not sent again.
            try project.shell("head -c 300000 /dev/urandom >large")
            let relay = try Relay(to: try address(registry), until: end)
            let reference = "\(relay.address)/cache:1"
            let to = "type=registry,ref=\(reference),mode=max,ignore-error=\(ignores)"
            let line = ["--progress=plain", "--no-cache", "--cache-to", to, "-o", "out\(ignores)", "."]
            let outcome = try project.command(line).run()
            #expect(outcome.status == .exited(ignores ? 0 : 1), "\(outcome)")
            let last = try #require(relay.requests.last { $0.hasPrefix("HEAD ") }, "\(relay.requests)")
            let manifest = outcome.errorLines.first { $0.contains("writing cache image manifest") }.map(String.init)
            let blob = try #require(digest(in: manifest ?? last))
            let place = "\(blob) to cache \(reference): "
            #expect(outcome.errors.contains(place), "\(relay.requests)\n\(outcome)")
            if ignores {
                let warning = outcome.errorLines.first { $0.contains(" WARN: cannot write ") }
                #expect(warning?.contains(place) == true, "\(outcome)")
                #expect(try FileTree.bytes(project.path("outtrue/large")) == FileTree.bytes(project.path("large")))
            } else {
                #expect(outcome.errors.contains("hint: "), "\(outcome)")
            }
        }
        // The cache that was there is as it was, and the next one takes its place.
        #expect(try FileTree.text(tag) == before)
        try project.build("--cache-to", whole, "-o", "out")
        let found = try project.build("--cache-from", whole, "-o", "again", environment: try otherCache(project))
        for step in Self.steps { #expect(PlainProgress(found).end(of: step) == .cached, "\(step): \(found)") }
        #expect(try contents(project, "again") == contents(project, "out"))
    }

    @Test("a layer that cannot be fetched is made instead, with a warning that names it", arguments: [0, 100_000])
    func importing(bytes: Int) throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "lost")
        let project = try makeProject()
        try project.build("--cache-to", "type=registry,ref=\(registry.address)/cache:1,mode=max", "-o", "out")
        // The first blob is the configuration.
        let end = Relay.End("GET /v2/cache/blobs/", number: 2, after: bytes)
        let relay = try Relay(to: try address(registry), until: end)
        let other = try otherCache(project)
        let outcome = try project.build("--cache-from", "\(relay.address)/cache:1", "-o", "again", environment: other)
        for step in Self.steps { #expect(PlainProgress(outcome).end(of: step) == .done, "\(step): \(outcome)") }
        let warning = try #require(outcome.errorLines.first { $0.contains(" WARN: cache \(relay.address)/cache:1: ") })
        let layer = try #require(digest(in: String(warning)), "\(outcome)")
        #expect(warning.contains(": cannot fetch layer \(layer): ") && FileTree.exists(registry.file(of: layer)))
        let (before, after) = (try contents(project, "out"), try contents(project, "again"))
        #expect(before[0] == after[0] && before[1] != after[1] && before[2] != after[2])
        let without = try project.build("-o", "third", environment: other)
        for step in Self.steps { #expect(PlainProgress(without).end(of: step) == .cached, "\(step): \(without)") }
        #expect(try contents(project, "third") == after)
    }

    @Test("a cache whose configuration cannot be fetched is told of, and the build goes on")
    func configuration() throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "lost")
        let project = try makeProject()
        try project.build("--cache-to", "type=registry,ref=\(registry.address)/cache:1,mode=max", "-o", "out")
        let relay = try Relay(to: try address(registry), until: Relay.End("GET /v2/cache/blobs/", after: 0))
        let from = "\(relay.address)/cache:1"
        let outcome = try project.build("--cache-from", from, "-o", "again", environment: try otherCache(project))
        #expect(outcome.errors.contains("ERROR: failed to configure registry cache importer: "), "\(outcome)")
        for step in Self.steps { #expect(PlainProgress(outcome).end(of: step) == .done, "\(step): \(outcome)") }
    }

    @Test("when one cache is lost the others are still used")
    func another() throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "lost")
        let project = try makeProject()
        let (to, local) = (
            "type=registry,ref=\(registry.address)/cache:1,mode=max", "type=local,dest=../stored,mode=max"
        )
        try project.build("--cache-to", to, "--cache-to", local, "-o", "out")
        let end = Relay.End("GET /v2/cache/blobs/", number: 2, after: 100_000)
        let relay = try Relay(to: try address(registry), until: end)
        let outcome = try project.build(
            arguments: [
                "--cache-from", "\(relay.address)/cache:1", "--cache-from", "type=local,src=../stored", "-o", "again",
            ],
            environment: try otherCache(project)
        )
        for step in Self.steps { #expect(PlainProgress(outcome).end(of: step) == .cached, "\(step): \(outcome)") }
        #expect(try contents(project, "again") == contents(project, "out"))
    }

    @Test("an export that needs a layer of a lost cache names it")
    func passingOn() throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "lost")
        let project = try makeProject()
        try project.build("--cache-to", "type=registry,ref=\(registry.address)/cache:1,mode=max", "-o", "out")
        let other = try otherCache(project)
        for to in ["type=registry,ref=\(registry.address)/second:1", "type=local,dest=../stored"] {
            let end = Relay.End("GET /v2/cache/blobs/", number: 2, after: 100_000)
            let relay = try Relay(to: try address(registry), until: end)
            let arguments = ["--cache-from", "\(relay.address)/cache:1", "--cache-to", "\(to),mode=max"]
            let line = ["--progress=plain"] + arguments + ["-o", "type=cacheonly", "."]
            let outcome = try project.command(line, environment: other).run()
            #expect(outcome.status == .exited(1), "\(outcome)")
            let asked = try #require(relay.requests.last { $0.hasPrefix("GET /v2/cache/blobs/") }.flatMap(digest))
            #expect(outcome.errors.contains("cannot write layer \(asked) to cache "), "\(outcome)")
        }
    }

    @Test("a cache mount that cannot be sent fails the build, one that cannot be fetched begins empty")
    func cacheMount() throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "lost")
        let script = "test -e /c/random || echo empty; head -c 300000 /dev/urandom >/c/random"
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN --mount=type=cache,id=stuff,target=/c \(script)\n"
        )
        func blobs(_ environment: [String: String] = [:]) throws -> String {
            try project.command(["du", "--format", "{{.Description}}"], environment: environment).run().text
        }
        var relay = try Relay(to: try address(registry), until: Relay.End("PUT /v2/stuff/blobs/", after: 100_000))
        let lost = try project.fail("--cache-mount-to", "stuff=type=registry,ref=\(relay.address)/stuff:1")
        let sent = try #require(relay.requests.first { $0.hasPrefix("HEAD ") }.flatMap(digest))
        #expect(lost.errors.contains("cannot write layer \(sent) to cache \(relay.address)/stuff:1: "), "\(lost)")
        #expect(try !blobs().contains(sent))
        try project.build("--no-cache", "--cache-mount-to", "stuff=type=registry,ref=\(registry.address)/stuff:1")
        let other = try otherCache(project)
        relay = try Relay(to: try address(registry), until: Relay.End("GET /v2/stuff/blobs/", after: 100_000))
        let place = "stuff=type=registry,ref=\(relay.address)/stuff:1"
        let outcome = try project.build("--cache-mount-from", place, environment: other)
        let asked = try #require(relay.requests.last { $0.hasPrefix("GET /v2/stuff/blobs/") }.flatMap(digest))
        let warning = outcome.errorLines.first { $0.contains(" WARN: cache mount `stuff` is not imported from ") }
        #expect(warning?.contains(": cannot fetch layer \(asked): ") == true, "\(outcome)")
        #expect(outcome.errors.contains(" empty\n"), "\(outcome)")
        #expect(try !blobs(other).contains(asked))
    }
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}
