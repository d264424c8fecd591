import Synchronization
import Testing

/// `swbuild why`: each kind of reason, from real builds.
@Suite struct WhyTests {
    private func why(
        _ project: Project,
        _ arguments: String...,
        environment: [String: String] = [:]
    ) throws -> String {
        let outcome = try project.command(["why"] + arguments, environment: environment).run()
        try #require(outcome.succeeded, "\(outcome)")
        return outcome.text
    }

    /// The lines below that of the step whose name contains `step`.
    private func reasons(_ text: String, _ step: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let place = lines.firstIndex(where: { !$0.hasPrefix(" ") && $0.contains("] " + step) }) else { return [] }
        return lines[(place + 1)...].prefix { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
    }

    private func outcome(_ text: String, _ step: String) -> String? {
        text.split(separator: "\n").first { !$0.hasPrefix(" ") && $0.contains("] " + step) }.map {
            String($0.prefix { $0 != "[" }).trimmingSpaces
        }
    }

    @Test("the file that changed is named, and the steps behind it", arguments: Account.available)
    func files(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            COPY src /src
            RUN cat /src/* > /all
            RUN --mount=type=bind,source=src,target=/m ls /m
            FROM scratch
            COPY --from=make /all /
            """,
            ["src/a": "one", "src/b": "two", "src/c": "three", "unused": "x"],
            as: account
        )
        try project.build("-o", "type=cacheonly")
        let first = try why(project)
        #expect(outcome(first, "COPY src") == "ran")
        #expect(reasons(first, "COPY src") == ["no build that is recorded had it before"])
        try project.build("-o", "type=cacheonly")
        let second = try why(project)
        #expect(second.contains(", ran 0 of 5 steps."), "\(second)")
        #expect(outcome(second, "RUN cat") == "cached")

        try project.write("src/a", "changed")
        try project.write("src/new", "x")
        try project.shell("rm src/b; chmod 600 src/c; touch src; echo y > unused; ln -s a src/link")
        try project.handOver()
        let expected = [
            "`src/a` changed: content sha256:", "`src/b` was removed", "`src/c` changed: mode 644 -> 600",
            "`src/link` was added", "`src/new` was added",
        ]
        let ahead = try why(project, "--dry-run", "-o", "type=cacheonly", ".")
        #expect(ahead.contains("would run 4 of 5 steps"), "\(ahead)")
        #expect(outcome(ahead, "FROM") == "cached")
        #expect(outcome(ahead, "COPY src") == "would run")
        #expect(zip(reasons(ahead, "COPY src"), expected).allSatisfy { $0.hasPrefix($1) }, "\(ahead)")
        #expect(reasons(ahead, "RUN cat") == ["a step before it would run: [make 2/4] COPY src /src"])
        #expect(outcome(ahead, "COPY --from=make") == "may run")
        #expect(reasons(ahead, "COPY --from=make").first?.hasPrefix("what it takes is not known before") == true)
        // Nothing ran and nothing was recorded.
        #expect(try project.run("history", "ls", "-q").text.split(separator: "\n").count == 2)

        try project.build("-o", "type=cacheonly")
        let third = try why(project)
        let copied = reasons(third, "COPY src")
        #expect(copied.count == 5 && zip(copied, expected).allSatisfy { $0.hasPrefix($1) }, "\(third)")
        #expect(reasons(third, "RUN cat") == ["a step before it ran: [make 2/4] COPY src /src"])
        #expect(reasons(third, "RUN --mount=type=bind").first == copied.first)
        #expect(reasons(third, "COPY --from=make").first?.hasPrefix("in `make`: `/all` changed: content") == true)
    }

    @Test("arguments, variables, instructions and options are named")
    func definitions() throws {
        let base = try BaseImages.busybox.get()
        func dockerfile(_ variable: String, _ last: String) -> String {
            """
            FROM \(base)
            ARG VERSION=1
            ENV \(variable)
            WORKDIR /w
            RUN echo first
            \(last)
            """
        }
        let project = try Project(dockerfile("A=1", "RUN echo one"))
        func explained(_ arguments: String...) throws -> String {
            let outcome = try project.command(["-q", "-o", "type=cacheonly"] + arguments + ["."]).run()
            try #require(outcome.succeeded, "\(outcome)")
            return try why(project)
        }
        _ = try explained()
        let argument = try explained("--build-arg", "VERSION=2")
        #expect(reasons(argument, "RUN echo first") == ["build argument `VERSION` changed: `1` -> `2`"])
        #expect(outcome(argument, "WORKDIR") == "cached")
        _ = try explained()
        try project.write("Dockerfile", dockerfile("A=2", "RUN echo one"))
        let variable = try explained()
        #expect(reasons(variable, "RUN echo first") == ["variable `A` (of ARG or ENV) changed: `1` -> `2`"])
        try project.write("Dockerfile", dockerfile("A=2", "RUN echo two"))
        let instruction = try explained()
        #expect(outcome(instruction, "RUN echo first") == "cached")
        #expect(reasons(instruction, "RUN echo two") == ["the instruction changed; it was `RUN echo one`"])
        try project.write("Dockerfile", dockerfile("A=2", "USER 1\nRUN echo two"))
        #expect(reasons(try explained(), "RUN echo two") == ["the user is new: `1`"])
        let network = try explained("--network=none")
        #expect(reasons(network, "RUN echo first") == ["the network is new: `none`"])
        let uncached = try explained("--no-cache")
        #expect(reasons(uncached, "WORKDIR") == ["`--no-cache` was given"])
        // The addresses of hosts and proxies do not count.
        #expect(try explained("--build-arg", "HTTP_PROXY=http://127.0.0.1:9").contains("ran 0 of"))
    }

    @Test("heredocs and added lines: the line that changed is told, and the steps that are the same stay cached")
    func heredocs() throws {
        let base = try BaseImages.busybox.get()
        func dockerfile(_ first: String, _ second: String, _ more: String = "") -> String {
            "FROM \(base)\n\(more)COPY <<EOF /h\n\(first)\nEOF\nRUN <<EOF\necho a\n\(second)\nEOF\n"
        }
        let project = try Project(dockerfile("one", "echo b"))
        try project.build("-o", "type=cacheonly")
        try project.write("Dockerfile", dockerfile("one", "echo c"))
        try project.build("-o", "type=cacheonly")
        let script = try why(project)
        #expect(reasons(script, "RUN <<EOF") == ["the instruction changed in its line 3: `echo b` -> `echo c`"])
        #expect(outcome(script, "COPY <<EOF") == "cached")
        try project.write("Dockerfile", dockerfile("two", "echo c", "LABEL a=b\n"))
        try project.build("-o", "type=cacheonly")
        let document = try why(project)
        #expect(reasons(document, "COPY <<EOF") == ["the instruction changed in its line 2: `one` -> `two`"])
        #expect(!document.contains("[internal]"))
    }

    @Test("a build that failed: what was not reached, what failed and why it was tried")
    func failed() throws {
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM \(base)\nRUN true\nRUN exit 3\nRUN echo after\n")
        _ = try project.fail("-o", "type=cacheonly")
        let text = try why(project)
        #expect(outcome(text, "RUN true") == "ran")
        #expect(outcome(text, "RUN exit 3") == "failed")
        #expect(reasons(text, "RUN exit 3") == ["no build that is recorded had it before"])
        #expect(outcome(text, "RUN echo after") == "not reached")
        #expect(text.hasSuffix("did not complete successfully: exit code: 3\n"), "\(text)")
        try project.write("Dockerfile", "FROM scratch\nRUNN\n")
        _ = try project.fail("-o", "type=cacheonly")
        #expect(try why(project).contains("ran 0 of 0 steps."))
    }

    @Test("a value that is not kept may be what changed, and is not shown")
    func hidden() throws {
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM \(base)\nARG API_TOKEN\nRUN echo\n")
        for value in ["first-value", "second-value"] { try project.build("--build-arg", "API_TOKEN=\(value)") }
        let text = try why(project)
        #expect(reasons(text, "RUN echo") == ["something that is not recorded changed, perhaps `API_TOKEN`"])
        #expect(!text.contains("first-value") && !text.contains("second-value"))
    }

    @Test("a base image that changed is named with its digests")
    func baseImage() throws {
        let registry = try RegistryServer.shared.get().server.address
        let name = "\(registry)/why-base"
        let base = try Project("FROM \(try BaseImages.busybox.get())\nENV A=1\n")
        try base.build("-t", "\(name):1", "--push")
        let project = try Project("FROM \(name):1\nRUN true\n")
        try project.build("-o", "type=cacheonly")
        try base.write("Dockerfile", "FROM \(try BaseImages.busybox.get())\nENV A=1\nRUN echo > /new\n")
        try base.build("-t", "\(name):1", "--push")
        let expected = "the base image `\(name):1` changed: sha256:"
        let ahead = try why(project, "--dry-run", "--pull", ".")
        #expect(reasons(ahead, "RUN true").first?.hasPrefix(expected) == true, "\(ahead)")
        try project.build("-o", "type=cacheonly")
        let text = try why(project)
        #expect(reasons(text, "FROM").first?.hasPrefix(expected) == true, "\(text)")
        #expect(reasons(text, "RUN true").first?.hasPrefix(expected) == true, "\(text)")
    }

    @Test("a file from elsewhere that changed, an option of steps")
    func sources() throws {
        let version = Version()
        let server = try FileServer { _ in
            let number = version.number.load(ordering: .relaxed)
            return .text("version \(number)", ["ETag": "\"\(number)\""])
        }
        func dockerfile(_ options: String) throws -> String {
            """
            FROM \(try BaseImages.busybox.get())
            ADD \(server.url)/file /
            FROM \(try BaseImages.busybox.get())
            RUN --mount=type=tmpfs,target=/t\(options) true
            COPY --from=0 /file /
            """
        }
        let project = try Project(try dockerfile(""))
        try project.build("-o", "type=cacheonly")
        version.number.store(2, ordering: .relaxed)
        let ahead = try why(project, "--dry-run", ".")
        #expect(reasons(ahead, "ADD") == ["what is at `\(server.url)/file` changed"], "\(ahead)")
        #expect(outcome(ahead, "COPY --from=0") == "may run", "\(ahead)")
        try project.write("Dockerfile", try dockerfile(",size=1000000"))
        try project.build("-o", "type=cacheonly")
        let text = try why(project)
        let added = reasons(text, "ADD").first ?? ""
        #expect(added.hasPrefix("in `\(server.url)/file`: `/file` changed: content sha256:"), "\(text)")
        #expect(reasons(text, "RUN").first?.hasPrefix("the instruction changed; it was `RUN --mount") == true)
        // An option alone.
        try project.build("-o", "type=cacheonly", "--shm-size", "8m")
        #expect(reasons(try why(project), "RUN") == ["the size of /dev/shm is new: `8388608`"])
    }

    @Test("a dry run downloads nothing: it asks for versions, and says what it cannot know")
    func downloads() throws {
        let version = Version()
        let server = try FileServer { request in
            let number = version.number.load(ordering: .relaxed)
            if number == 0 { return .notFound }
            let tag = "\"\(number)\""
            guard request.target == "/tagged" else { return .text("version \(number)") }
            if request.headers["if-none-match"] == tag { return FileServer.Reply(status: 304) }
            return .text("version \(number)", ["ETag": tag])
        }
        let project = try Project(
            """
            FROM scratch
            ADD \(server.url)/tagged /
            FROM scratch
            ADD \(server.url)/plain /
            COPY --from=0 /tagged /
            """
        )
        /// What a dry run says of both, and what it asked.
        func ahead() throws -> (text: String, requests: [String]) {
            let before = server.requests.count
            let text = try why(project, "--dry-run", ".")
            return (text, server.requests[before...].map { "\($0.method) \($0.target)" })
        }
        let unknown = "a build would ask for `\(server.url)/plain`: what is there is not known before"
        let first = try ahead()
        #expect(first.requests == [], "\(first)")
        #expect(reasons(first.text, "ADD \(server.url)/plain").last == unknown, "\(first)")
        try project.build("-o", "type=cacheonly")
        let second = try ahead()
        #expect(second.requests == ["HEAD /tagged"], "\(second)")
        #expect(outcome(second.text, "ADD \(server.url)/tagged") == "cached", "\(second)")
        #expect(outcome(second.text, "ADD \(server.url)/plain") == "may run", "\(second)")
        #expect(reasons(second.text, "ADD \(server.url)/plain") == [unknown], "\(second)")
        #expect(outcome(second.text, "COPY --from=0") == "may run", "\(second)")
        // What a build makes of it: neither has changed.
        #expect(PlainProgress(try project.build("-o", "type=cacheonly")).end(of: "COPY --from=0") == .cached)
        version.number.store(2, ordering: .relaxed)
        let third = try ahead()
        #expect(third.requests == ["HEAD /tagged"], "\(third)")
        #expect(outcome(third.text, "ADD \(server.url)/tagged") == "would run", "\(third)")
        #expect(reasons(third.text, "ADD \(server.url)/tagged") == ["what is at `\(server.url)/tagged` changed"])
        version.number.store(0, ordering: .relaxed)
        let gone = "a build would ask for `\(server.url)/tagged`, and perhaps fail: cannot fetch"
        #expect(reasons(try ahead().text, "ADD \(server.url)/tagged").first?.hasPrefix(gone) == true)
    }

    @Test("a dry run looks into the caches that a build would read, fetches no layer and records nothing")
    func otherCaches() throws {
        func dockerfile(_ last: String) throws -> String {
            """
            FROM \(try BaseImages.busybox.get()) AS make
            COPY src /src
            RUN cat /src/* > /all
            FROM scratch
            \(last)
            """
        }
        let project = try Project(try dockerfile("COPY --from=make /all /"), ["src/a": "one"])
        try project.build("--cache-to", "type=local,dest=../stored,mode=max", "-o", "type=cacheonly")
        let other = ["XDG_CACHE_HOME": try project.scratch.directory("other")]
        let source = "type=local,src=../stored"
        let without = try why(project, "--dry-run", ".", environment: other)
        #expect(outcome(without, "COPY src") == "would run", "\(without)")
        let found = try why(project, "--dry-run", "--cache-from", source, ".", environment: other)
        for step in ["COPY src", "RUN cat", "COPY --from=make"] {
            #expect(outcome(found, step) == "cached", "\(found)")
        }
        try project.write("Dockerfile", try dockerfile("COPY --from=make /src /\nCOPY Dockerfile /"))
        let ahead = try why(project, "--dry-run", "--cache-from", source, ".", environment: other)
        #expect(outcome(ahead, "RUN cat") == "cached", "\(ahead)")
        #expect(outcome(ahead, "COPY --from=make") == "may run", "\(ahead)")
        let reason = "what it takes is not known before this is fetched from the cache `local:../stored`: "
        #expect(reasons(ahead, "COPY --from=make").last?.hasPrefix(reason) == true, "\(ahead)")
        #expect(outcome(ahead, "COPY Dockerfile") == "may run", "\(ahead)")
        // Neither layers came, nor a word of what the cache said.
        let kept = try Command.shell("ls ../other/swbuild/snapshots", in: project.directory)
        #expect(kept.isEmpty, "\(kept)")
        let again = try why(project, "--dry-run", ".", environment: other)
        #expect(outcome(again, "COPY src") == "would run", "\(again)")
        // A cache that cannot be read is told of.
        let missing = try project.run("why", "--dry-run", "--cache-from", "type=local,src=none", ".")
        #expect(missing.succeeded && missing.errors.contains("WARNING: local cache import at none skipped"))
    }

    @Test("a result that is gone, a step that failed before")
    func noResult() throws {
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": ""])
        try project.build("-o", "type=cacheonly")
        let id = try project.run("history", "ls", "-q").text.split(separator: "\n")[0]
        try project.shell("rm -rf ../cache/swbuild/snapshots/*")
        try project.build("-o", "type=cacheonly")
        let text = try why(project)
        let reason = reasons(text, "COPY file").first ?? ""
        #expect(reason.hasPrefix("its result, of build \(id) ("), "\(text)")
        #expect(reason.hasSuffix("is no longer in the cache"), "\(text)")

        try project.write("Dockerfile", "FROM \(base)\nRUN --mount=type=secret,id=s,required cat /run/secrets/s\n")
        _ = try project.fail("-o", "type=cacheonly")
        try project.write("s", "value")
        try project.build("-o", "type=cacheonly", "--secret", "id=s,src=s")
        let after = try why(project)
        #expect(reasons(after, "RUN --mount").first?.hasPrefix("there is no result: it failed in build") == true)
    }

    @Test("the build of a directory, or one that is named, is explained; JSON has the same")
    func choice() throws {
        let project = try Project(nil, ["a/Dockerfile": "FROM scratch\nCOPY f /\n", "a/f": "1"])
        try project.shell("cp -r a b")
        for directory in ["a", "b"] { #expect(try project.run("-q", directory).succeeded) }
        #expect(try why(project, "a").contains("of \(project.path("a")), "))
        #expect(try why(project).contains("of \(project.path("b")), "))
        #expect(try why(project, "--build", "^1").contains("of \(project.path("a")), "))
        // The directory is another one, what is in it the same.
        #expect(try outcome(why(project, "b"), "COPY f /") == "cached")
        try project.write("b/f", "2")
        #expect(try project.run("-q", "b").succeeded)
        let json = try project.scratch.write("why.json", try why(project, "--format", "json", "b"))
        let query = ".Steps[0].Reasons[0] | .Kind, .Source, .Count, .Files[0].Path, .Files[0].Change"
        let found = try Command.check("jq", ["-r", query, json])
        #expect(found.split(separator: "\n") == ["files", "the context", "1", "f", "content"])
        for arguments in [["c"], ["--build", "nosuch"], ["--dry-run", "--build", "^0"]] {
            #expect(try project.command(["why"] + arguments).run().status == .exited(1))
        }
    }

    @Test("of many changed files the first ones are told, and how many there are")
    func manyFiles() throws {
        let project = try Project("FROM scratch\nCOPY many /many\n", ["many/x": ""])
        try project.shell("for i in $(seq 1000 2999); do echo $i > many/$i; done")
        try project.build("-o", "type=cacheonly")
        try project.shell("for i in $(seq 1000 2000); do echo other > many/$i; done")
        try project.build("-o", "type=cacheonly")
        let lines = reasons(try why(project), "COPY many")
        #expect(lines.count == 11 && lines.first?.hasPrefix("`many/1000` changed: content") == true, "\(lines)")
        #expect(lines.last == "and 991 more files")
    }
}

/// What a server's thread gives out.
private final class Version: Sendable {
    let number = Atomic(1)
}

extension String {
    fileprivate var trimmingSpaces: String { split(separator: " ").joined(separator: " ") }
}
