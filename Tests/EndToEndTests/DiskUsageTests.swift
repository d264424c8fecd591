import Testing

/// `du` and `prune` (spec/05 §5.6).
@Suite struct DiskUsageTests {
    private func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.busybox.get()) AS make
        RUN --mount=type=cache,target=/cache,id=stuff \\
            head -c 300000 /dev/urandom > /cache/x && mkdir -m 700 /own && head -c 200000 /dev/urandom > /own/file \\
            && chown -R 12:34 /own
        COPY file /file
        FROM scratch
        COPY --from=make /own /file /
        """
    }

    private func diskUsage(_ project: Project) throws -> Int64 { try CacheUsage.onDisk(project.cache) }

    private func rows(_ project: Project, _ arguments: String...) throws -> [[String]] {
        try CacheUsage.rows(of: project, arguments)
    }

    @Test("the rows add up to what the directory takes", arguments: Account.available)
    func total(account: Account) throws {
        let project = try Project(try dockerfile(), ["file": "x"], as: account)
        try project.build("-o", "type=oci,dest=image.tar")
        let usage = try CacheUsage(of: project)
        #expect(usage.difference == 0, "\(usage)")
        let kinds = Set(usage.rows.map { $0[1] })
        #expect(kinds.isSuperset(of: ["regular", "exec.cachemount", "internal"]), "\(kinds)")
        let table = try project.run("du")
        #expect(table.text.hasPrefix("ID "), "\(table)")
        #expect(table.text.split(separator: "\n").last?.hasPrefix("Total: ") == true, "\(table)")
    }

    @Test("everything can be removed, whoever owns it, and the next build makes it again", arguments: Account.available)
    func pruneAll(account: Account) throws {
        let project = try Project(try dockerfile(), ["file": "x"], as: account)
        try project.build("-o", "out1")
        let before = try diskUsage(project)
        let outcome = try project.run("prune", "--all", "--force")
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.text.contains("Total:\t"))
        #expect(try diskUsage(project) < before / 4)
        #expect(try rows(project).allSatisfy { ["internal", "history"].contains($0[1]) })
        try project.build("-o", "out2")
        #expect(FileTree.exists(project.path("out2/file")))
    }

    @Test("without a terminal and without `y` nothing is removed")
    func prompt() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.build()
        let count = try rows(project).count
        let outcome = try project.run("prune")
        #expect(outcome.succeeded)
        #expect(
            outcome.text
                == "WARNING! This will remove all dangling build cache. Are you sure you want to continue? [y/N] "
        )
        #expect(try rows(project).count == count)
    }

    @Test("filters and sizes choose what goes")
    func filters() throws {
        let project = try Project(try dockerfile(), ["file": "x"])
        try project.build("-o", "out1")
        #expect(try rows(project, "--filter", "type=exec.cachemount").count == 1)
        let used = try rows(project, "--filter", "type!=exec.cachemount", "--filter", "inuse")
        #expect(used.allSatisfy { ["internal", "history"].contains($0[1]) }, "\(used)")
        #expect(try project.run("du", "--filter", "nonsense=1").text == "ID    RECLAIMABLE    SIZE    LAST ACCESSED\n")
        #expect(try project.run("prune", "-f", "--filter", "until=24h").text == "Total:\t0B\n")
        let layers = try rows(project, "--filter", "type=regular").count
        _ = try project.run("prune", "-f", "--filter", "type=exec.cachemount")
        #expect(try rows(project, "--filter", "type=exec.cachemount").isEmpty)
        #expect(try rows(project, "--filter", "type=regular").count == layers)
        _ = try project.run("prune", "-f", "--max-used-space", "10GB")
        #expect(try rows(project, "--filter", "type=regular").count == layers)
        _ = try project.run("prune", "-f", "--keep-storage", "0")
        #expect(try rows(project, "--filter", "type=regular").isEmpty)
    }

    @Test("JSON has one record on each line")
    func json() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.build()
        let outcome = try project.run("du", "--format", "json", "--filter", "type=regular")
        let line = try #require(outcome.text.split(separator: "\n").first)
        for field in [
            "\"CreatedAt\":\"20", "\"Description\":\"[1/1] COPY file /\"", "\"ID\":\"", "\"Mutable\":false",
            "\"Parents\":null", "\"Reclaimable\":true", "\"Shared\":false", "\"Type\":\"regular\"", "\"UsageCount\":1}",
        ] {
            #expect(line.contains(field), "\(field): \(line)")
        }
    }

    @Test("what a running build uses stays, the rest goes", arguments: Account.available)
    func pruneDuringABuild(account: Account) throws {
        let base = try BaseImages.busybox.get()
        let project = try Project(nil, ["file": "x"], as: account)
        try project.write("Dockerfile", "FROM \(base)\nRUN echo idle > /idle\n")
        try project.handOver()
        try project.build()
        let script = """
            { "$1" --progress=plain -o out -f slow . 2>log; echo $? >status; } &
            until grep -q ' started$' log; do sleep 0.05; done
            "$1" du --format '{{.Description}}' >during
            "$1" prune -a -f >pruned
            "$1" du --format '{{.Description}}' >after
            wait
            """
        try project.write("slow", "FROM \(base)\nCOPY file /one\nRUN echo started && sleep 4\nCOPY file /two\n")
        try project.handOver()
        var command = project.command([])
        command.arguments = ["-c", script, "sh", Machine.swbuild]
        command.program = "/bin/sh"
        _ = try command.run()
        let log = try FileTree.text(project.path("log"))
        #expect(try FileTree.text(project.path("status")) == "0\n", "\(log)")
        #expect(try FileTree.text(project.path("during")).contains("RUN echo idle"))
        let after = try FileTree.text(project.path("after"))
        #expect(!after.contains("RUN echo idle") && after.contains("COPY file /one"), "\(after)")
        for name in ["one", "two"] { #expect(try FileTree.text(project.path("out/\(name)")) == "x") }
    }

    @Test("a full disk can be looked at and pruned", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func fullDisk() throws {
        let project = try Project("FROM scratch\nCOPY random /\n")
        try project.shell("head -c 10000000 /dev/urandom >random")
        let small = try TemporaryFileSystem(at: project.cache, options: "size=20m")
        try project.build()
        for command in [["du"], ["prune", "--all", "--force"]] {
            _ = try Command("dd", ["if=/dev/zero", "of=\(project.cache)/filler", "bs=4k"]).run()
            #expect(try project.fail().errors.contains("no space left on device"))
            let outcome = try project.command(command).run()
            #expect(outcome.succeeded && outcome.text.contains("10.01MB"), "\(outcome)")
        }
        try Command.check("rm", ["\(project.cache)/filler"])
        try project.build("-o", "out")
        let usage = try CacheUsage(of: project)
        #expect(usage.difference == 0, "\(usage)")
        small.unmount()
    }

    private static let places: [Place] = [.cacheOnOverlay, .caller, .containerVolume, .fewIDs]

    @Test("plain trees and snapshots elsewhere are counted and removed", arguments: places)
    func otherPlaces(place: Place) throws {
        let plain = place == .caller ? ["SWBUILD_SNAPSHOTS": "plain"] : [:]
        let project = try Project(try dockerfile(), ["file": "x"], in: place)
        try project.build("-o", "out", environment: plain)
        let rows = try project.run("du", "--filter", "type=regular", "--format", "{{.Size}}", environment: plain)
        let largest = rows.text.split(separator: "\n").map { CacheUsage.bytes(String($0)).size }.max() ?? 0
        #expect(largest > 200_000, "\(rows)")
        let pruned = try project.run("prune", "-a", "-f", environment: plain)
        #expect(pruned.succeeded && pruned.errors.isEmpty, "\(pruned)")
        let rest = try project.run("du", "--filter", "type=regular", "--format", "{{.Size}}", environment: plain)
        #expect(rest.text.isEmpty)
        try project.build("-o", "out", environment: plain)
    }

    @Test("the limit makes room, the oldest first, and ends a build that needs more", arguments: Account.available)
    func limit(account: Account) throws {
        let base = try BaseImages.busybox.get()
        let project = try Project(nil, as: account)
        for (name, size) in [("old", 30), ("new", 40), ("huge", 2000)] {
            try project.write(name, "FROM \(base)\nRUN head -c \(size)000000 /dev/zero > /\(name); sync; sleep 0.3\n")
        }
        try project.handOver()
        try project.build("-f", "old")
        let limit = ["SWBUILD_CACHE_MAX_SIZE": "60MB"]
        try project.build("-f", "new", environment: limit)
        #expect(try diskUsage(project) <= 60 << 20)
        let descriptions = try project.run("du", "--format", "{{.Description}}").text
        #expect(descriptions.contains("/new") && !descriptions.contains("/old"), "\(descriptions)")
        let outcome = try project.fail("-f", "huge", "--cache-max-size", "60MB")
        #expect(outcome.errors.contains("ERROR: failed to build: failed to solve: the cache is full: "), "\(outcome)")
        #expect(outcome.errors.contains("and its limit is 63 MB\nhint: raise `SWBUILD_CACHE_MAX_SIZE`"), "\(outcome)")
        #expect(try diskUsage(project) <= 60 << 20)
        #expect(try project.fail("--cache-max-size", "many").errors.contains("a size such as `20GB` or `50%`"))
    }

    @Test("a build that was killed leaves nothing in use", arguments: Account.available)
    func killed(account: Account) throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN --mount=type=cache,target=/c echo started && sleep 60\n",
            as: account
        )
        var build = try project.command(["--progress=plain", "."]).start()
        try build.wait(for: " started\n")
        build.signal(9)
        _ = try build.finish()
        let pruned = try project.run("prune", "-a", "-f")
        #expect(pruned.succeeded && pruned.errors.isEmpty, "\(pruned)")
        let kinds = try rows(project).map { $0[0] }
        #expect(kinds.sorted() == ["database", "history", "layout"], "\(kinds)")
    }

    @Test("builds and prunes at once do each other no harm", arguments: [Account.caller, .range])
    func builtAndPruned(account: Account) throws {
        let project = try Project(nil, as: account)
        let base = try BaseImages.busybox.get()
        for number in 1...2 {
            let steps = "RUN echo common > /common\nRUN --mount=type=cache,target=/c echo \(number) > /number\n"
            try project.write("Dockerfile\(number)", "FROM \(base)\n\(steps)")
        }
        try project.handOver()
        let script = """
            for number in 1 2; do {
                for turn in 1 2 3 4 5 6; do
                    "$1" --progress=plain -f Dockerfile$number -o out$number . >log$number.$turn 2>&1 ||
                        touch failed$number.$turn
                    test "$(cat out$number/number)" = $number || touch wrong$number.$turn
                done
                touch done$number
            } & done
            until test -e done1 -a -e done2; do "$1" prune -af >>pruned 2>>errors || touch failed.prune; done
            wait
            """
        var command = project.command([])
        command.arguments = ["-c", script, "sh", Machine.swbuild]
        command.program = "/bin/sh"
        _ = try command.run()
        let names = try FileTree.listing(project.directory, conditions: ["-maxdepth", "1"])
        let logs = try names.filter { $0.hasPrefix("failed") && $0 != "failed.prune" }
            .map { try FileTree.text(project.path("log" + $0.dropFirst("failed".count))) }
        #expect(logs.isEmpty && !names.contains("failed.prune"), "\(logs)")
        #expect(!names.contains { $0.hasPrefix("wrong") })
        #expect(try FileTree.text(project.path("errors")).isEmpty)
    }
}
