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
}
