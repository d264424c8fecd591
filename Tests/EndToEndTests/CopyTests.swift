import Testing

/// `COPY` and `ADD` of local files, by what lies in the result.
@Suite struct CopyTests {
    /// One Dockerfile's worth of copying and what it leaves.
    struct Case: CustomTestStringConvertible, Sendable {
        let instructions: String
        /// `find`'s name, kind and mode (`%P %y %m`), sorted; link targets follow.
        let expected: [String]
        var testDescription: String { instructions }

        init(_ instructions: String, _ expected: [String]) {
            self.instructions = instructions
            self.expected = expected
        }
    }

    /// The context of every case: see `context()`.
    static let cases: [Case] = [
        Case("COPY a /", ["a f 644 "]),
        Case("COPY a /x", ["x f 644 "]),
        Case("COPY a /x/", ["x d 755 ", "x/a f 644 "]),
        Case("COPY a b.txt /x/", ["x d 755 ", "x/a f 644 ", "x/b.txt f 644 "]),
        Case("COPY d /", ["deep d 755 ", "deep/c.txt f 644 ", "e.txt f 644 ", "run f 755 "]),
        Case("COPY d /x", ["x d 755 ", "x/deep d 755 ", "x/deep/c.txt f 644 ", "x/e.txt f 644 ", "x/run f 755 "]),
        Case("COPY *.txt /x/", ["x d 755 ", "x/b.txt f 644 "]),
        Case("COPY d*/*.txt /x/", ["x d 755 ", "x/e.txt f 644 "]),
        Case("COPY nothing* a /x/", ["x d 755 ", "x/a f 644 "]),
        Case("COPY [\"a\", \"with space\", \"/x/\"]", ["x d 755 ", "x/a f 644 ", "x/with space f 644 "]),
        Case("COPY links /x", ["x d 755 ", "x/broken l 777 nowhere", "x/to-a l 777 ../a"]),
        Case("COPY links/to-a /x", ["x f 644 "]),
        Case("WORKDIR /w\nCOPY a x/", ["w d 755 ", "w/x d 755 ", "w/x/a f 644 "]),
        Case("COPY --chmod=600 a /x", ["x f 600 "]),
        Case("COPY --chmod=750 d/deep /x", ["x d 750 ", "x/c.txt f 750 "]),
        Case("COPY --chmod=u=rwX,go= a /x", ["x f 600 "]),
        Case("COPY a /x\nCOPY b.txt /x", ["x f 644 "]),
        Case("ADD packed.tar.gz /x/", ["x d 755 ", "x/in f 640 ", "x/sub d 755 ", "x/sub/deep f 644 "]),
        Case("ADD packed.tar.xz /", ["in f 640 ", "sub d 755 ", "sub/deep f 644 "]),
        Case("ADD packed.tar.bz2 packed.tar.zst /", ["in f 640 ", "sub d 755 ", "sub/deep f 644 "]),
        Case("COPY packed.tar.gz /x/", ["x d 755 ", "x/packed.tar.gz f 644 "]),
        Case("ADD a /x/", ["x d 755 ", "x/a f 644 "]),
        Case("ENV D=x N=a\nCOPY $N /${D}y/${Z:-z}", ["xy d 755 ", "xy/z f 644 "]),
    ]

    private func project(_ instructions: String, as account: Account = .caller) throws -> Project {
        let project = try Project("FROM scratch\n\(instructions)\n", as: account)
        try project.shell(
            """
            umask 022; mkdir -p d/deep links packed/sub
            echo a > a; echo b > b.txt; echo e > d/e.txt; echo c > d/deep/c.txt; echo run > d/run; chmod 755 d/run
            echo s > 'with space'; ln -s ../a links/to-a; ln -s nowhere links/broken
            echo in > packed/in; chmod 640 packed/in; echo deep > packed/sub/deep
            for z in gz:gzip xz:xz bz2:bzip2 zst:zstd; do
              tar -C packed --owner=5 --group=6 -I "${z#*:}" -cf "packed.tar.${z%:*}" in sub
            done
            """
        )
        try project.handOver()
        return project
    }

    @Test("copies what BuildKit copies", arguments: cases)
    func copies(example: Case) throws {
        let project = try project(example.instructions)
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out"), format: "%P %y %m %l") == example.expected)
    }

    @Test("ordinary users copy the same", arguments: Account.available)
    func everybody(account: Account) throws {
        let project = try project("COPY d /x\nADD packed.tar.gz /y/\nCOPY links /z/", as: account)
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")).count == 12)
    }

    @Test("files belong to root, or to whom `--chown` names", arguments: Account.available)
    func owners(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS users
            FROM users
            USER app
            COPY a /o/root
            COPY --chown=app a /o/name
            COPY --chown=app:extra a /o/group
            COPY --chown=7:8 a /o/number
            COPY --from=users --chown=9 /etc/passwd /o/stage
            """,
            ["a": "x"],
            as: account
        )
        try project.shell("chown 3:4 a 2>/dev/null || true")
        try project.build("-o", "type=tar,dest=result.tar")
        let listing = try Command.shell(
            "tar --numeric-owner -tvf result.tar | awk '$6 ~ \"^o/.\" { print $6, $2 }' | sort",
            in: project.directory
        )
        #expect(listing == "o/group 1000/2000\no/name 1000/1000\no/number 7/8\no/root 0/0\no/stage 9/9\n")
    }

    @Test("an extracted archive keeps its owners and modes", arguments: Account.available)
    func archiveOwners(account: Account) throws {
        let project = try project("ADD packed.tar.gz /", as: account)
        try project.build("-o", "type=tar,dest=result.tar")
        let listing = try Command.shell("tar --numeric-owner -tvf result.tar in", in: project.directory)
        #expect(listing.hasPrefix("-rw-r----- 5/6 "))
    }

    @Test("a symlink in the destination is followed inside the image, and only there")
    func destinationLinks() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN mkdir -p /real && ln -s /real /way && ln -s ../../../../../../real /up
            COPY a /way/
            COPY b /up/
            FROM scratch
            COPY --from=make /real /
            """,
            ["a": "1", "b": "2"]
        )
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["a", "b"])
    }

    @Test("`.dockerignore` hides files, with exceptions, and the Dockerfile's own file wins")
    func ignore() throws {
        let files = [
            ".dockerignore": "# comment\n**/*.log\n!keep.log\nsecret\n/d/*\n!d/in\n", "a.log": "", "keep.log": "",
            "secret/x": "", "d/in": "", "d/out": "", "e/b.log": "", "e/c": "",
        ]
        let project = try Project("FROM scratch\nCOPY . /\n", files)
        try project.build("-o", "../out")
        #expect(
            try FileTree.listing(project.scratch.path("out"), conditions: ["-type", "f"])
                == [".dockerignore", "Dockerfile", "d/in", "e/c", "keep.log"]
        )
        try project.write("Dockerfile.dockerignore", "*\n!a.log\n")
        try project.build("-o", "../own")
        #expect(try FileTree.listing(project.scratch.path("own"), conditions: ["-type", "f"]) == ["a.log"])
    }

    @Test("an ignored file cannot be copied by name")
    func ignoredByName() throws {
        let project = try Project("FROM scratch\nCOPY secret /\n", ["secret": "x", ".dockerignore": "secret\n"])
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("secret"), "\(outcome)")
        #expect(outcome.errors.contains("not found"), "\(outcome)")
    }

    @Test("links that leave the context do not leave it", arguments: ["/etc/passwd", "../../../../etc/passwd"])
    func contextEscape(target: String) throws {
        let project = try Project("FROM scratch\nCOPY link /\n")
        try project.shell("ln -s \(target) link")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("not found"), "\(outcome)")
        #expect(!FileTree.exists(project.path("out")))
    }

    @Test("the Dockerfile can lie elsewhere, come from standard input, and be named in lower case")
    func dockerfilePlaces() throws {
        let project = try Project(nil, ["a": "x", "sub/Other": "FROM scratch\nCOPY a /other\n"])
        try project.build("-f", "sub/Other", "-o", "out")
        var command = project.command(["-f", "-", "-o", "out", "."])
        command.input = try project.scratch.write("stdin", "FROM scratch\nCOPY a /stdin\n")
        #expect(try command.run().succeeded)
        try project.write("dockerfile", "FROM scratch\nCOPY a /lower\n")
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["lower", "other", "stdin"])
    }
}
