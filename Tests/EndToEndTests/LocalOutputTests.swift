import Testing

/// `-o <directory>`: the files of the result.
@Suite struct LocalOutputTests {
    /// A stage with one of everything that a directory can show, copied alone into the result.
    private func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.busybox.get()) AS make
        WORKDIR /made
        RUN echo one > file && chmod 750 file && ln -s file link && ln file hard \\
            && mkdir -p dir/sub && echo two > dir/sub/deep && chmod 700 dir/sub \\
            && touch -d @1000000000 file dir/sub/deep
        FROM scratch
        COPY --from=make /made /
        """
    }

    @Test("writes files, links and directories with their modes and times", arguments: Account.available)
    func writesEverything(account: Account) throws {
        let project = try Project(try dockerfile(), as: account)
        let outcome = try project.build("-o", "out")
        #expect(outcome.output.isEmpty)
        #expect(
            try FileTree.listing(project.path("out"), format: "%P %y %m %l") == [
                "dir d 755 ", "dir/sub d 700 ", "dir/sub/deep f 644 ", "file f 750 ", "hard f 750 ", "link l 777 file",
            ]
        )
        #expect(try FileTree.text(project.path("out/dir/sub/deep")) == "two\n")
        #expect(try FileTree.status(project.path("out/file"), "%h %Y") == "2 1000000000")
        let owner = try FileTree.status(project.directory, "%u:%g")
        #expect(try FileTree.status(project.path("out/file"), "%u:%g") == owner)
    }

    @Test("`-o .` replaces files of the same name and deletes nothing", arguments: Account.available)
    func mergesIntoTheProject(account: Account) throws {
        let project = try Project(try dockerfile(), ["file": "old", "mine": "kept", "dir/mine": "kept"], as: account)
        try project.build("-o", ".")
        #expect(
            try FileTree.listing(project.directory) == [
                "Dockerfile", "dir", "dir/mine", "dir/sub", "dir/sub/deep", "file", "hard", "link", "mine",
            ]
        )
        #expect(try FileTree.text(project.path("file")) == "one\n")
        #expect(try FileTree.text(project.path("mine")) == "kept")
    }

    @Test("`swbuild build` is `swbuild`, and `type=local` is the default type")
    func spellings() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        for (index, line) in [["-o", "out0"], ["-o", "type=local,dest=out1"], ["--output=out2"]].enumerated() {
            let outcome = try project.command(["build"] + line + ["."]).run()
            try #require(outcome.succeeded, "\(outcome)")
            #expect(try FileTree.text(project.path("out\(index)/file")) == "x")
        }
    }

    @Test("a link in the destination is replaced, never followed")
    func linksInTheDestination() throws {
        let project = try Project("FROM scratch\nCOPY file /a/file\n", ["file": "new"])
        try project.shell(
            "mkdir -p elsewhere out/a && echo old > elsewhere/file && ln -s ../../elsewhere/file out/a/file"
        )
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("elsewhere/file")) == "old\n")
        #expect(try FileTree.text(project.path("out/a/file")) == "new")
    }

    @Test("a destination that is a file is refused")
    func destinationIsAFile() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x", "out": "mine"])
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("is a file"), "\(outcome)")
        #expect(try FileTree.text(project.path("out")) == "mine")
    }
}
