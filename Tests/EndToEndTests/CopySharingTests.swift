import Testing

/// A copy takes the files that have not changed from the layer that it made the last time.
@Suite struct CopySharingTests {
    private static let files = [
        "top": "t\n", "dir/same": "s\n", "dir/changed": "1\n", "dir/deep/same": "d\n", "dir/mode": "m\n",
        "dir/time": "t\n", "dir/gone": "g\n",
    ]

    private func dockerfile(_ directory: String) throws -> String {
        """
        FROM \(try BaseImages.busybox.get())
        RUN mkdir -p /old/dir && echo old > /old/dir/same
        COPY . \(directory)
        RUN cp -a \(directory) /before
        RUN cd \(directory) && : > dir/deep/same && chmod 700 dir/same && touch -d @7 dir/same \
            && sed -i s/t/u/ top && for f in top dir/same dir/deep/same; do echo step >> $f; done
        """
    }

    /// How many layers have the file at `path` of the copy, for each of its inodes.
    private func holders(_ project: Project, _ path: String) throws -> [Int] {
        let pattern = "\(project.cache)/swbuild/snapshots/*/fs/\(path)"
        let found = ["\(project.cache)/swbuild/snapshots", "-path", pattern, "-printf", "%i\\n"]
        let text = try Command.check("find", found)
        let inodes = text.split(separator: "\n").map(String.init)
        return Dictionary(grouping: inodes, by: \.self).values.map(\.count).sorted()
    }

    /// Two builds with changes between them, each compared with the files that it was made of.
    private func buildTwice(_ project: Project, _ directory: String) throws {
        for (round, script) in ["true", "echo 2 >dir/changed; chmod 755 dir/mode; touch -d @9 dir/time; rm dir/gone"]
            .enumerated()
        {
            try project.shell(script)
            try project.handOver()
            try project.build("-o", "out\(round)", "--build-arg", "round=\(round)")
            let out = project.path("out\(round)")
            let expected = project.scratch.path("expected\(round)")
            try project.shell("mkdir \(expected) && cp -a Dockerfile .dockerignore dir top \(expected)/")
            try Command.check("diff", ["-r", "\(out)/before", expected])
            for file in ["top", "dir/same", "dir/deep/same"] {
                let text = try Command.check("cat", ["\(out)\(directory)/\(file)"])
                #expect(text.hasSuffix("step\n"), "\(file): \(text)")
            }
            #expect(try Command.check("stat", ["-c", "%h", "\(out)/before/dir/same"]) == "1\n")
        }
        #expect(try Command.check("stat", ["-c", "%a", project.path("out1/before/dir/mode")]) == "755\n")
        #expect(try Command.check("stat", ["-c", "%Y", project.path("out1/before/dir/time")]) == "9\n")
    }

    @Test(
        "into a new directory and into one of the base",
        arguments: [Place.caller, .range, .single, .cacheOnOverlay, .confined],
        ["/new", "/old"]
    )
    func shares(place: Place, directory: String) throws {
        var files = Self.files
        files[".dockerignore"] = "out*\n"
        let project = try Project(try dockerfile(directory), files, in: place)
        try buildTwice(project, directory)
        // Without overlay there is no layer yet when files are copied; and another place has its snapshots elsewhere.
        guard place != .confined, place != .cacheOnOverlay else { return }
        for path in ["top", "dir/same", "dir/deep/same"] {
            #expect(try holders(project, "\(directory.dropFirst())/\(path)").contains(2), "\(path)")
        }
        for path in ["dir/changed", "dir/mode", "dir/time"] {
            #expect(try holders(project, "\(directory.dropFirst())/\(path)") == [1, 1], "\(path)")
        }
        // Whatever steps did to them, the files of layers are as they were copied.
        for (path, text) in ["top": "t\n", "dir/same": "s\n", "dir/deep/same": "d\n"] {
            let pattern = "\(project.cache)/swbuild/snapshots/*/fs\(directory)/\(path)"
            let shared = ["\(project.cache)/swbuild/snapshots", "-path", pattern, "-links", "2"]
            #expect(try Command.check("find", shared + ["-exec", "cat", "{}", ";"]) == text + text, "\(path)")
            #expect(try Command.check("find", shared + ["!", "-newer", project.path(path), "-perm", "644"]) != "")
        }
        // What is shared is counted once.
        let total = try project.run("du").text.split(separator: "\n").last.map(String.init) ?? ""
        let number = try #require(Double(total.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }))
        let text = try Command.check("du", ["-s", "-B1", "\(project.cache)/swbuild"])
        let bytes = try #require(Double(text.prefix { $0.isNumber }))
        #expect(abs(number * 1e6 - bytes) / bytes < 0.001, "\(total) \(bytes)")
    }

    @Test("with `--no-cache` every file is copied")
    func noCache() throws {
        let project = try Project("FROM scratch\nCOPY dir /dir\n", ["dir/a": "a", "dir/b": "b"])
        try project.build("-o", "out")
        try project.build("--no-cache", "-o", "out")
        #expect(try holders(project, "dir/a") == [1, 1])
    }

    @Test("files with several names keep them, and no others get them")
    func hardLinks() throws {
        let project = try Project("FROM scratch\nCOPY dir /\n", ["dir/a": "a", "dir/c": "1"])
        try project.shell("ln dir/a dir/b; cp -a dir/c dir/d")
        for round in ["2", "3"] {
            try project.build("-o", "type=tar,dest=out.tar")
            let listing = try Command.check("tar", ["tvf", project.path("out.tar")])
            #expect(listing.contains(" b link to a"), "\(listing)")
            #expect(!listing.contains("d link to"), "\(listing)")
            try project.shell("echo \(round) >dir/new")
        }
    }

    @Test("a file that another one of the same copy hid is not taken for it")
    func hidden() throws {
        let project = try Project("FROM scratch\nCOPY a b /\n", ["a/x": "one", "b/x": "two"])
        // What has several names is never shared, and so is not in the list of the layer.
        try project.shell("ln b/x b/y; touch -d @9 a/x b/x")
        try project.build("-o", "out1")
        #expect(try FileTree.text(project.path("out1/x")) == "two")
        try project.shell("rm b/x")
        try project.build("-o", "out2")
        #expect(try FileTree.text(project.path("out2/x")) == "one")
    }
}
