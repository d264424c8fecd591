import Testing

/// A Git repository as the context, served by `git daemon` on loopback.
@Suite(.enabled(if: Machine.has("git"), "git is not installed"))
struct GitContextTests {
    /// A repository with a branch and a tag, and its server.
    private final class Repository {
        let scratch = Scratch()
        let url: String
        private let service: Janitor.Service

        init() throws {
            let git = "git -c user.name=t -c user.email=t@example.org -c init.defaultBranch=main"
            try Command.shell(
                """
                mkdir -p work/sub served && cd work && \(git) init -q
                echo one > file && printf 'FROM scratch\\nCOPY file /main\\n' > Dockerfile
                printf 'FROM scratch\\nCOPY . /sub\\n' > sub/Dockerfile && echo s > sub/s
                \(git) add . && \(git) commit -qm one && \(git) tag v1
                \(git) switch -qc branch && echo two > file && \(git) commit -qam two && \(git) switch -q main
                \(git) clone -q --bare . ../served/app.git
                """,
                in: scratch.root
            )
            let port = try FreePort.find()
            service = try Janitor.Service(
                [
                    "git", "daemon", "--verbose", "--export-all", "--reuseaddr", "--listen=127.0.0.1", "--port=\(port)",
                    "--base-path=\(scratch.path("served"))", scratch.path("served"),
                ],
                ready: "Ready to rumble"
            )
            url = "git://127.0.0.1:\(port)/app.git"
        }

        /// Another commit on the main branch.
        func commit(_ text: String) throws {
            let git = "git -c user.name=t -c user.email=t@example.org"
            try Command.shell(
                "echo \"$1\" > file && \(git) commit -qam more && git push -q ../served/app.git main",
                [text],
                in: scratch.path("work")
            )
        }
    }

    @Test("the default branch, a branch, a tag and a directory", arguments: Account.available)
    func references(account: Account) throws {
        let repository = try Repository()
        let project = try Project(nil, as: account)
        let cases = [
            ("", "main", "one\n"), ("#main", "main", "one\n"), ("#branch", "main", "two\n"), ("#v1", "main", "one\n"),
            ("#main:sub", "sub/s", "s\n"), ("#:sub", "sub/s", "s\n"),
        ]
        for (index, (fragment, file, text)) in cases.enumerated() {
            let outcome = try project.run("-o", "out\(index)", repository.url + fragment)
            try #require(outcome.succeeded, "\(fragment): \(outcome)")
            #expect(try FileTree.text(project.path("out\(index)/\(file)")) == text, "\(fragment)")
        }
        #expect(try FileTree.listing(project.path("out4/sub")) == ["Dockerfile", "s"])
    }

    @Test("a new commit is seen by the next build")
    func newCommit() throws {
        let repository = try Repository()
        let project = try Project(nil)
        #expect(try project.run("-o", "out1", repository.url).succeeded)
        try repository.commit("three")
        #expect(try project.run("-o", "out2", repository.url).succeeded)
        #expect(try FileTree.text(project.path("out2/main")) == "three\n")
    }

    @Test("a reference that does not exist, a directory that does not exist, a server that is down")
    func failures() throws {
        let repository = try Repository()
        let project = try Project(nil)
        for (url, word) in [
            (repository.url + "#nosuch", "nosuch"), (repository.url + "#main:nodir", "nodir"),
            ("git://127.0.0.1:1/app.git", "127.0.0.1"),
        ] {
            let outcome = try project.run("-o", "out", url)
            #expect(outcome.status == .exited(1), "\(outcome)")
            #expect(outcome.errors.contains(word), "\(outcome)")
        }
        #expect(!FileTree.exists(project.path("out")))
    }

    @Test("a Dockerfile that is a link out of the repository is not followed")
    func linkOut() throws {
        let repository = try Repository()
        try Command.shell(
            """
            ln -sf /etc/passwd Dockerfile && git -c user.name=t -c user.email=t@example.org commit -qam link \
                && git push -q ../served/app.git main
            """,
            in: repository.scratch.path("work")
        )
        let outcome = try Project(nil).run("-o", "out", repository.url)
        #expect(outcome.status == .exited(1))
        #expect(!outcome.errors.contains("root:x:0:0"), "\(outcome)")
    }

    @Test("ADD of a repository: whole, by tag, a directory, with its Git directory", arguments: Account.available)
    func add(account: Account) throws {
        let repository = try Repository()
        let url = repository.url
        let project = try Project(
            """
            FROM scratch
            ADD \(url) /whole
            ADD \(url)#branch /branch/
            ADD \(url)?ref=main&subdir=sub /sub/
            ADD --keep-git-dir=true \(url)?branch=branch /kept/

            """,
            as: account
        )
        try project.build("-o", "out")
        let out = project.path("out")
        #expect(try FileTree.listing("\(out)/whole") == ["Dockerfile", "file", "sub", "sub/Dockerfile", "sub/s"])
        #expect(try FileTree.text("\(out)/branch/file") == "two\n")
        #expect(try FileTree.listing("\(out)/sub", format: "%P %m") == ["Dockerfile 644", "s 644"])
        let git = "git -c safe.directory='*' -C \"$1/kept\""
        #expect(try Command.shell("\(git) remote get-url origin", [out]) == "\(url)\n")
        #expect(
            try Command.shell(
                "\(git) status --porcelain && \(git) rev-parse refs/heads/branch HEAD | uniq | wc -l",
                [out]
            ) == "1\n"
        )
        // Nothing of this machine is in it.
        #expect(try Command.shell("grep -rlF \"$2\" \"$1\" || true", [out, project.cache]) == "")
    }

    @Test("ADD with a checksum: a commit or its beginning, an annotated tag's object, another one")
    func checksum() throws {
        let repository = try Repository()
        let work = repository.scratch.path("work")
        try Command.shell(
            """
            git -c user.name=t -c user.email=t@example.org tag -am note v2 && git push -q ../served/app.git v2
            """,
            in: work
        )
        let commit = String(try Command.check("git", ["-C", work, "rev-parse", "main"]).dropLast())
        let tag = String(try Command.check("git", ["-C", work, "rev-parse", "v2"]).dropLast())
        for (checksum, reference) in [
            (commit, "main"), (String(commit.prefix(9)), "main"), (commit, "v2"), (tag, "v2"),
        ] {
            let project = try Project("FROM scratch\nADD --checksum=\(checksum) \(repository.url)#\(reference) /\n")
            try project.build("-o", "out")
            #expect(try FileTree.text(project.path("out/file")) == "one\n")
        }
        let project = try Project("FROM scratch\nADD --checksum=\(commit) \(repository.url)#branch /\n")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("expected checksum to match \(commit), got "), "\(outcome)")
        #expect(outcome.errors.contains("2 | >>> ADD"), "\(outcome)")
    }

    @Test("ADD of a repository runs again only for a new commit")
    func addCached() throws {
        let repository = try Repository()
        let project = try Project("FROM scratch\nADD \(repository.url) /\n")
        try project.build("-o", "out")
        let second = try project.build("-o", "out")
        #expect(second.errorLines.filter { $0.hasSuffix(" CACHED") }.count == 2, "\(second)")
        try repository.commit("three")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/file")) == "three\n")
    }

    @Test("times of files: the commit's where the URL asks for it")
    func times() throws {
        let repository = try Repository()
        let project = try Project("FROM scratch\nADD \(repository.url)?mtime=commit /\n")
        try project.build("-o", "type=tar,dest=out.tar")
        let seconds = try Command.check("git", ["-C", repository.scratch.path("work"), "show", "-s", "--format=%ct"])
        try project.shell("mkdir out && tar -C out -xf out.tar")
        for name in ["file", "sub", "sub/s"] {
            #expect(try FileTree.status(project.path("out/\(name)"), "%Y\n") == seconds)
        }
    }

    @Test("a directory of a repository is one: neither a link, nor above the repository (CVE-2026-33748)")
    func escapingDirectories() throws {
        let repository = try Repository()
        try Command.shell(
            """
            ln -s sub inside && ln -s / outside && ln -s sub/Dockerfile file-link && git add -A
            git -c user.name=t -c user.email=t@example.org commit -qm links && git push -q ../served/app.git main
            """,
            in: repository.scratch.path("work")
        )
        for directory in ["inside", "outside", "outside/etc", "..", "../..", "sub/../..", "file", "sub/../sub"] {
            let project = try Project("FROM scratch\nADD \(repository.url)#main:\(directory) /\n")
            let outcome = try project.fail("-o", "out")
            #expect(outcome.errors.contains("not a directory of the repository"), "\(directory): \(outcome)")
        }
        let project = try Project("FROM scratch\nADD \(repository.url)#main:/sub/ /\n")
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["Dockerfile", "s"])
    }

    @Test("no reference, and no submodule, is a command or a file of this machine")
    func hostileNames() throws {
        let repository = try Repository()
        let marker = repository.scratch.path("marker")
        for fragment in ["--upload-pack=touch \(marker)", "-oProxyCommand=touch", "--output=\(marker)"] {
            let outcome = try Project(nil).run("-o", "out", "\(repository.url)#\(fragment)")
            #expect(outcome.status == .exited(1), "\(outcome)")
        }
        for (number, url) in ["ext::touch \(marker)", "file://\(repository.scratch.path("served/app.git"))"]
            .enumerated()
        {
            try Command.shell(
                """
                printf '[submodule "m"]\\n\\tpath = m\\n\\turl = %s\\n' "$1" > .gitmodules
                git update-index --add --cacheinfo "160000,$(git rev-parse main),m" && git add .gitmodules
                git -c user.name=t -c user.email=t@example.org commit -qm "$2" && git push -q ../served/app.git main
                """,
                [url, "submodule \(number)"],
                in: repository.scratch.path("work")
            )
            let outcome = try Project("FROM scratch\nADD \(repository.url) /\n").fail("-o", "out")
            #expect(outcome.errors.contains("not allowed"), "\(outcome)")
        }
        #expect(!FileTree.exists(marker))
    }

    @Test("a repository is a named context, and its commit may give the build its time")
    func namedContext() throws {
        let repository = try Repository()
        let project = try Project("FROM scratch\nCOPY --from=source sub/s /\n")
        let named = "--build-context=source=\(repository.url)#v1"
        try project.build(named, "--build-arg=SOURCE_DATE_EPOCH=source", "-o", "type=oci,dest=out.tar")
        let commit = try Command.shell(
            "TZ=UTC git show -s --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ main",
            in: repository.scratch.path("work")
        )
        #expect(try LayoutView(archive: project.path("out.tar")).config(".created") + "\n" == commit)
        let context = try project.run(
            "--build-arg=SOURCE_DATE_EPOCH=context",
            "-o",
            "type=oci,dest=git.tar",
            repository.url
        )
        try #require(context.succeeded, "\(context)")
        #expect(try LayoutView(archive: project.path("git.tar")).config(".created") + "\n" == commit)
    }
}
