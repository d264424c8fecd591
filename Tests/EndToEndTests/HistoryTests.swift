import Glibc
import Testing

/// `swbuild history`: the records of builds.
@Suite struct HistoryTests {
    private func history(_ project: Project, _ arguments: String...) throws -> String {
        let outcome = try project.command(["history"] + arguments).run()
        try #require(outcome.succeeded, "\(outcome)")
        #expect(outcome.errors.isEmpty, "\(outcome)")
        return outcome.text
    }

    @Test("a build is listed, inspected, its log shown, and forgotten", arguments: Account.available)
    func wholeLife(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            ARG VERSION
            RUN echo "the version is $VERSION" && echo "to stderr" >&2
            FROM scratch
            COPY --from=make /etc/passwd /
            """,
            as: account
        )
        try project.build("-o", "out", "--build-arg", "VERSION=7", "--target", "make")
        try project.build("-o", "type=oci,dest=app.tar", "-t", "app:1", "--build-arg", "VERSION=7")
        let ids = try history(project, "ls", "-q").split(separator: "\n").map(String.init)
        try #require(ids.count == 2)
        #expect(ids.allSatisfy { $0.count == 25 })
        let table = try history(project, "ls").split(separator: "\n")
        #expect(table.first?.split(separator: " ").joined(separator: " ") == "BUILD ID NAME STATUS CREATED AT DURATION")
        #expect(table.count == 3 && table[2].contains("project (make)") && table[2].contains("Completed"))
        let inspected = try history(project, "inspect", "^1")
        for text in ["Ref:  \(ids[1])", "VERSION", "ran ", "Dockerfile:3", "RUN echo", "local"] {
            let found = inspected.split(separator: "\n").contains { line in
                line.split(separator: " ").joined(separator: " ")
                    .contains(text.split(separator: " ").joined(separator: " "))
            }
            #expect(found, "\(text) in \(inspected)")
        }
        let log = try history(project, "logs", String(ids[1].prefix(10)))
        #expect(log.contains(" the version is 7\n") && log.contains(" to stderr\n"), "\(log)")
        #expect(log.contains("RUN echo \"the version is 7\""), "\(log)")
        // The second build had nothing to say, and its record names the image.
        #expect(try history(project, "logs").contains("CACHED"))
        let json = try history(project, "inspect", ids[0], "--format", "json")
        #expect(json.contains("\"docker.io/library/app:1\"") && json.contains("\"Digest\": \"sha256:"), "\(json)")
        #expect(try FileTree.listing("\(project.cache)/swbuild/history").filter { $0.hasSuffix(".log") }.count == 1)
        _ = try history(project, "rm", ids[0])
        #expect(try history(project, "ls", "-q") == ids[1] + "\n")
        _ = try history(project, "rm", "--all")
        #expect(try history(project, "ls", "-q") == "")
        #expect(try FileTree.listing("\(project.cache)/swbuild/history") == ["contents"])
    }

    @Test("a failed build leaves its error and its log")
    func failed() throws {
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM \(base)\nRUN echo before\nRUN echo last words && exit 3\nRUN echo after\n")
        _ = try project.fail("-o", "out")
        let table = try history(project, "ls", "--filter", "status=error")
        #expect(table.contains("Error"))
        #expect(try history(project, "ls", "-q", "--filter", "status=completed") == "")
        let inspected = try history(project, "inspect")
        #expect(inspected.contains("exit code: 3"), "\(inspected)")
        #expect(inspected.contains("failed") && inspected.contains("not reached"), "\(inspected)")
        let log = try history(project, "logs")
        #expect(log.contains(" last words\n") && log.contains("ERROR: process"), "\(log)")
    }

    @Test("an interrupted build is recorded as canceled", arguments: Account.available)
    func canceled(account: Account) throws {
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM \(base)\nRUN echo started && sleep 100\n", as: account)
        var program = try project.command(["--progress=plain", "-o", "out", "."]).start()
        try program.wait(for: " started")
        program.interrupt()
        #expect(try program.finish().status == .exited(130))
        #expect(try history(project, "ls").contains("Canceled"))
        #expect(try history(project, "logs").contains("CANCELED"))
        let why = try project.run("why")
        #expect(why.text.contains("canceled") && why.text.contains("no build that is recorded had it"), "\(why)")
    }

    @Test("no secret is kept: values of secrets, credentials, arguments that sound like one")
    func secrets() throws {
        let base = try BaseImages.busybox.get()
        let project = try Project(
            """
            FROM \(base)
            ARG NPM_TOKEN
            ARG MIRROR
            ENV API_KEY=envsecret123
            RUN --mount=type=secret,id=file --mount=type=secret,id=variable,env=FROM_ENV \
                cat /run/secrets/file && echo "$FROM_ENV" && echo "$NPM_TOKEN $MIRROR $API_KEY $HTTP_PROXY $FTP_PROXY"
            RUN for part in file sec ret 456; do printf $part; sleep 0.1; done; echo
            RUN echo "fetching https://robot:embedded789@example.org/x"; exit 1
            """,
            ["token": "filesecret456"]
        )
        let arguments = [
            "NPM_TOKEN=argsecret", "MIRROR=https://user:mirrorpass@127.0.0.1:9/",
            "HTTP_PROXY=http://me:proxypass@127.0.0.1:9", "FTP_PROXY=you:ftppass@127.0.0.1:9",
        ]
        let options = [
            "--secret", "id=file,src=token", "--secret", "id=variable,env=TOKEN",
            "--build-context", "other=https://git:contextpass@127.0.0.1:9/a.git",
        ]
        let command = project.command(
            ["--progress=plain", "."] + options + arguments.flatMap { ["--build-arg", $0] },
            environment: ["TOKEN": "variablesecret"]
        )
        let outcome = try command.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        let secrets = [
            "filesecret456", "variablesecret", "argsecret", "mirrorpass", "proxypass", "ftppass", "contextpass",
            "envsecret123", "embedded789",
        ]
        // The steps said them, so that they would be in the log.
        #expect(outcome.errors.contains("filesecret456") && outcome.errors.contains("proxypass"), "\(outcome)")
        let texts = [
            try history(project, "logs"), try history(project, "inspect"),
            try history(project, "inspect", "--format", "json"), try project.run("why").text,
        ]
        for secret in secrets {
            for text in texts { #expect(!text.contains(secret), "\(secret) in \(text)") }
            let found = try Command("grep", ["-rl", secret, "\(project.cache)/swbuild/history"]).run()
            #expect(found.output.isEmpty, "\(found)")
        }
        #expect(texts[0].contains("*****") && texts[2].contains("NPM_TOKEN"), "\(texts)")
    }

    @Test("a secret out of a pipe, which can be read once, is taken out of the log too")
    func secretOfPipe() throws {
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM \(base)\nRUN --mount=type=secret,id=s cat /run/secrets/s\n")
        var command = project.command([])
        let script = "printf pipedsecret | \"$1\" --progress=plain --secret id=s,src=/dev/stdin -o out ."
        command.arguments = ["-c", script, "sh", Machine.swbuild]
        command.program = "/bin/sh"
        let outcome = try command.run()
        try #require(outcome.succeeded && outcome.errors.contains("pipedsecret"), "\(outcome)")
        let log = try history(project, "logs")
        #expect(log.contains("*****") && !log.contains("pipedsecret"), "\(log)")
    }

    @Test("records are bounded: the oldest ones go")
    func bounded() throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "0"])
        for number in 1...62 {
            try project.write("file", "\(number)")
            _ = try project.run("-q", ".")
        }
        let ids = try history(project, "ls", "-q").split(separator: "\n")
        #expect(ids.count == 50)
        let listings = try FileTree.listing("\(project.cache)/swbuild/history/contents")
        #expect(listings.count >= 50)
        // A damaged record is dropped; the others stay.
        try project.shell("cd ../cache/swbuild/history && for f in $(ls *.json | head -2); do echo '{' > $f; done")
        #expect(try history(project, "ls").split(separator: "\n").count == 49)
    }

    @Test("ids are completed from the records")
    func completion() throws {
        let project = try Project("FROM scratch\n")
        _ = try project.run("-q", ".")
        let id = try history(project, "ls", "-q")
        for command in [["history", "logs"], ["history", "inspect"], ["history", "rm"]] {
            let words = ["---completion"] + command + ["--", "positional@0", "3", "0", "swbuild"] + command + [""]
            #expect(try project.command(words).run().text == id)
        }
        let words = ["---completion", "why", "--", "--build", "3", "0", "swbuild", "why", "--build", ""]
        #expect(try project.command(words).run().text == id)
    }

    @Test("what names no build is refused")
    func unknown() throws {
        let project = try Project("FROM scratch\n")
        #expect(try project.run("history", "ls").text.hasPrefix("BUILD ID"))
        for arguments in [["inspect"], ["inspect", "nosuch"], ["logs", "^3"], ["rm"], ["ls", "--filter", "x=1"]] {
            let outcome = try project.command(["history"] + arguments).run()
            #expect(outcome.status == .exited(1) && outcome.output.isEmpty, "\(outcome)")
        }
        #expect(try project.run("history", "inspect").errors == "ERROR: no records found\n")
    }
}
