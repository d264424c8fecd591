import Testing

/// Which rung is taken where, how it is forced, and what a user is told (README, Where it runs).
@Suite struct IsolationTests {
    /// The rung that `swbuild doctor --json` tells in a place, and a word that it says of the best rung that is barred.
    private static let rungs: [(place: Place, rung: String, barred: String)] = [
        (.range, "1", ""), (.single, "2", "/etc/subuid"), (.noNewPrivileges, "2", "no_new_privs"),
        (.namespaceRoot, "1", ""), (.namespaceUser, "1", ""), (.fewIDs, "2", "only 1000"), (.cacheOnOverlay, "1", ""),
        (.container, "3", "seccomp profile"), (.containerUser, "0", "newuidmap"),
    ]

    @Test("the doctor tells the rung and what bars the better ones", arguments: rungs)
    func doctor(place: Place, rung: String, barred: String) throws {
        let project = try Project("FROM scratch\n", in: place)
        let outcome = try project.run("doctor", "--json")
        #expect(outcome.succeeded, "\(outcome)")
        let report = try project.scratch.write("report.json", outcome.text)
        func jq(_ filter: String) throws -> String {
            String(try Command.check("jq", ["-r", filter, report]).dropLast())
        }
        #expect(try jq(".isolation.rung") == rung, "\(outcome)")
        let reason = try jq(#".isolation.barred[0].reason // """#)
        #expect(barred.isEmpty ? reason.isEmpty : reason.contains(barred), "\(outcome)")
        #expect(try jq("[.isolation.barred[] | select(.rung < 3) | .remedy != null] | all") == "true", "\(outcome)")
        if place == .cacheOnOverlay {
            #expect(try jq(".cache.fileSystem") == "overlay")
            #expect(try jq(".cache.overlay") == "false")
            #expect(try jq(".cache.remedy").contains("XDG_CACHE_HOME"))
        }
    }

    @Test("what is forced and impossible is an error with the control and the remedy")
    func impossible() throws {
        let single = try Project("FROM scratch\nLABEL a=b\n", in: .single)
        let userns = try single.fail("--isolation=userns")
        #expect(userns.errors.contains("ERROR: `--isolation=userns` is not possible here: `/etc/subuid`"), "\(userns)")
        #expect(userns.errors.contains("hint: as root: `usermod --add-subuids"), "\(userns)")
        let chroot = try single.fail(environment: ["SWBUILD_ISOLATION": "chroot"])
        #expect(chroot.errors.contains("`--isolation=chroot` is not possible here"), "\(chroot)")
        let unknown = try single.fail("--isolation=jail")
        #expect(unknown.errors.contains("invalid value `jail` for `--isolation`"), "\(unknown)")
        let container = try Project("FROM scratch\nLABEL a=b\n", in: .containerVolume)
        let refused = try container.fail("--isolation=single")
        #expect(refused.errors.contains("the seccomp profile of this container refuses"), "\(refused)")
        #expect(refused.errors.contains("seccomp=unconfined"), "\(refused)")
    }

    @Test("root can take the rung with one id", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func forcedSingle() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN cat /proc/self/uid_map > /map\n")
        try project.build("-o", "out", environment: ["SWBUILD_ISOLATION": "single"])
        let map = try FileTree.text(project.path("out/map")).split(whereSeparator: \.isWhitespace)
        #expect(map == ["0", "0", "1"])
    }

    @Test("the verdict is kept for the next build, and is of no use to other credentials")
    func verdict() throws {
        let project = try Project("FROM scratch\nLABEL a=b\n", in: .single)
        try project.build()
        let path = "\(project.cache)/swbuild/isolation"
        let kept = try FileTree.text(path)
        #expect(kept.split(separator: "\n").dropFirst().first == "single")
        try project.build()
        #expect(try FileTree.text(path) == kept)
        try FileTree.write(path, Array("of another machine\nrange\n\n".utf8))
        try project.build()
        #expect(try FileTree.text(path) == kept)
        #expect(try FileTree.listing("\(project.cache)/swbuild/tmp").isEmpty)
    }

    @Test("where no step can run, the build says why in the doctor's lines, once it must run one")
    func lazyRefusal() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\nRUN [\"/x\"]\n", in: .containerUser)
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("ERROR: failed to build: failed to solve: RUN steps cannot be kept apart"))
        #expect(
            outcome.errors.contains("\n  single  cannot create a user namespace: the seccomp profile"),
            "\(outcome)"
        )
        #expect(outcome.errors.contains("\n          remedy: `docker run --security-opt seccomp=unconfined"))
        #expect(outcome.errors.contains("\nhint: `swbuild doctor` says more"), "\(outcome)")
        #expect(outcome.errors.contains(">>> RUN [\"/x\"]"), "\(outcome)")
    }
}
