import Testing

/// A builder that is killed, or whose disk is full, at any change that it makes to a file: the next build is right,
/// and `du` knows every byte that is left.
///
/// The tests take some of these points; `SWBUILD_FAULTS=all` takes all of them.
@Suite(.enabled(if: Machine.isDynamic, "a static program cannot be given faults"))
struct FaultTests {
    /// A project whose steps use all that the cache directory has.
    private func makeProject() throws -> Project {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            COPY d /d
            RUN --mount=type=cache,target=/kept echo one | tee /kept/file >/one && rm -rf /d/a
            FROM scratch
            COPY --from=make /one /d /
            """,
            ["d/a": "a\n", "d/b": "b\n"]
        )
        try Command.shell("touch -d @1000 d d/a d/b", in: project.directory)
        return project
    }

    private static let arguments = ["--progress=plain", "-o", "type=oci,dest=app.tar,compression=zstd", "."]

    /// What is said of a full disk; SQLite has words of its own.
    private static let fullDisk = ["no space left on device", "the cache database: "]

    private static let takesAll = Machine.environment("SWBUILD_FAULTS") == "all"

    /// The points of `count` that are tried.
    private func points(_ count: Int, _ some: Int) -> [Int] {
        if Self.takesAll { return Array(1...count) }
        return (0..<some).map { 1 + $0 * (count - 1) / (some - 1) }
    }

    /// Every point begins with a cache directory that holds an earlier build, or with none.
    ///
    /// `arguments` are those of the program that gets the faults; `look` looks at what it leaves besides the cache.
    private func check(
        _ fault: (Int) -> FaultShim.Fault,
        beginsEmpty: Bool,
        to arguments: [String] = arguments,
        look: (Project, _ expected: String, _ place: Comment) throws -> Void = { _, _, _ in }
    ) throws {
        let project = try makeProject()
        let shim = try FaultShim(project.scratch)
        let cache = "\(project.cache)/swbuild"
        if !beginsEmpty {
            try project.build("-o", "type=oci,dest=app.tar,compression=zstd")
            try project.write("d/b", "c\n")
            try project.shell("touch -d @1000 d/b; cp -a '\(cache)' '\(project.scratch.path("before"))'")
        }
        func reset() throws {
            try Command.shell(
                """
                rm -rf "$1/cache/swbuild" "$1/project/app.tar" "$1/stored"
                [ ! -d "$1/before" ] || cp -a "$1/before" "$1/cache/swbuild"
                """,
                [project.scratch.root]
            )
        }
        try reset()
        let whole = try project.command(Self.arguments).run()
        try #require(whole.succeeded, "\(whole)")
        let expected = try contents(project)
        try reset()
        let counted = try shim.apply(.none, to: project.command(arguments)).run()
        try #require(counted.succeeded, "\(counted)")
        let count = try shim.count
        try #require(count > 50)
        if Self.takesAll { print("\(fault(1)) and so on: \(count) changes of \(arguments)") }
        for point in points(count, 12) {
            try reset()
            let outcome = try shim.apply(fault(point), to: project.command(arguments)).run()
            let place: Comment = "at change \(point) of \(count): \(outcome)"
            if !outcome.succeeded, case .exited(let status) = outcome.status {
                #expect(status == 1 && Self.fullDisk.contains { outcome.errors.contains($0) }, place)
            }
            try look(project, expected, place)
            try Command.shell("rm -rf \"$1/copy\"; cp -a \"$1/cache\" \"$1/copy\"", [project.scratch.root])
            let left = try CacheUsage(of: project, in: project.scratch.path("copy"))
            #expect(left.difference == 0, "\(place)\nand then: \(left)")
            let again = try project.command(Self.arguments).run()
            try #require(again.succeeded, "\(place)\nand then: \(again)")
            #expect(try contents(project) == expected, "\(place)\nand then: \(again)")
            try LayoutView(archive: project.path("app.tar")).expectSoundBlobs()
            let usage = try CacheUsage(of: project)
            #expect(usage.difference == 0, "\(place)\nand then: \(usage)")
            for leftover in ["tmp", "ingest", "trees"] {
                #expect(try FileTree.listing("\(cache)/\(leftover)").isEmpty, place)
            }
            #expect(try FileTree.listing("\(cache)/locks").filter { $0.hasPrefix("step-") } == [], place)
        }
    }

    /// What the image holds.
    private func contents(_ project: Project) throws -> String {
        try Command.shell(
            """
            rm -rf "$1/layout" "$1/tree" && mkdir "$1/layout" "$1/tree" && tar -xf "$1/project/app.tar" -C "$1/layout"
            for blob in "$1"/layout/blobs/sha256/*; do
              zstd -qdc "$blob" 2>/dev/null | tar -x -C "$1/tree" 2>/dev/null || true
            done
            cd "$1/tree" && find . -mindepth 1 -printf '%p %y %m %U:%G\\n' | sort && find . -type f -exec sha256sum {} + | sort
            """,
            [project.scratch.root]
        )
    }

    @Test("killed in a first build")
    func killedInTheFirst() throws { try check({ .kill(at: $0) }, beginsEmpty: true) }

    @Test("killed in a later build")
    func killedLater() throws { try check({ .kill(at: $0) }, beginsEmpty: false) }

    @Test("a disk that is full from then on")
    func fullDisk() throws { try check({ .full(from: $0) }, beginsEmpty: true) }

    @Test("a disk that is full for one moment")
    func fullOnce() throws { try check({ .noSpace(at: $0) }, beginsEmpty: false) }

    @Test("killed while it removes everything")
    func killedInPruning() throws {
        try check({ .kill(at: $0) }, beginsEmpty: false, to: ["prune", "--all", "--force"])
    }

    /// Makes sure that a build with an empty cache directory and what is in `../stored` gives what it must.
    private func readStored(_ project: Project, _ expected: String, _ place: Comment) throws {
        let environment = ["XDG_CACHE_HOME": try project.scratch.directory("reader")]
        let arguments = Self.arguments.dropLast() + ["--cache-from", "type=local,src=../stored", "."]
        let read = try project.command(Array(arguments), environment: environment).run()
        try #require(read.succeeded, "\(place)\nand then: \(read)")
        #expect(try contents(project) == expected, "\(place)\nand then: \(read)")
        let stored = project.path("../stored")
        if FileTree.exists("\(stored)/index.json") { try LayoutView(directory: stored).expectSoundBlobs() }
        try Command.check("rm", ["-rf", project.scratch.path("reader"), project.path("app.tar")])
    }

    private static let storing: [String] =
        arguments.dropLast() + ["--cache-to", "type=local,dest=../stored,mode=max", "."]

    @Test("killed in a build that writes its cache elsewhere: what is there is whole, or is left out")
    func killedInExport() throws {
        try check({ .kill(at: $0) }, beginsEmpty: false, to: Self.storing, look: readStored)
    }

    @Test("a full disk in a build that writes its cache elsewhere")
    func fullInExport() throws {
        try check({ .full(from: $0) }, beginsEmpty: false, to: Self.storing, look: readStored)
    }

    @Test("files of the context that did not change are not opened again")
    func unchangedFiles() throws {
        let project = try Project("FROM scratch\nCOPY a /a\nCOPY b /b\n")
        let shim = try FaultShim(project.scratch)
        try project.shell("mkdir a b; for n in $(seq 300); do echo $n >a/file$n; done; echo 1 >b/file; sleep 2.1")
        func opened() throws -> Set<Substring> {
            let arguments = ["--progress=plain", "-o", "type=cacheonly", "."]
            let outcome = try shim.apply(.none, to: project.command(arguments)).run()
            try #require(outcome.succeeded, "\(outcome)")
            return Set(try FileTree.text(shim.opened).split(separator: "\n").filter { $0.hasPrefix("file") })
        }
        #expect(try opened().count == 301)
        #expect(try opened() == [])
        try project.shell("echo 2 >b/file")
        #expect(try opened() == ["file"])
        try project.shell("touch -d @1000 a/file7")
        #expect(try opened().subtracting(["file"]) == ["file7"])
    }

    @Test("edits that follow each other at once are all seen, at the same size and time")
    func quickEdits() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "0"])
        for number in 1...8 {
            try project.shell("printf \(number) >file; touch -d @1000 file")
            try project.build("-o", "out\(number)")
            #expect(try FileTree.text(project.path("out\(number)/file")) == "\(number)")
        }
    }
}
