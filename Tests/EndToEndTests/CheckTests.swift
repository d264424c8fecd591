import Testing

/// `--check` and `--call`: answers about a Dockerfile, for which nothing is built.
@Suite struct CheckTests {
    private static let questionable = "FROM scratch as Base\nENV a b\nCMD start\n"
    private static let clean = "FROM scratch AS base\nENV a=b\nCMD [\"start\"]\n"

    /// What `jq` makes of a JSON document on standard output.
    private func jq(_ outcome: Outcome, _ filter: String) throws -> String {
        let scratch = Scratch()
        try scratch.write("answer.json", outcome.text)
        return try Command.check("jq", ["-rc", filter, scratch.path("answer.json")])
    }

    @Test("findings are on standard output, make status 1, and leave nothing behind", arguments: Account.available)
    func findings(account: Account) throws {
        let project = try Project(Self.questionable, as: account)
        let outcome = try project.run("--progress=plain", "--check", ".")
        #expect(outcome.status == .exited(1))
        #expect(
            outcome.text.hasPrefix(
                """
                Check complete, 4 warnings have been found!

                WARNING: StageNameCasing - https://docs.docker.com/go/dockerfile/rule/stage-name-casing/
                Stage name 'Base' should be lowercase
                Dockerfile:1
                --------------------
                   1 | >>> FROM scratch as Base
                   2 |     ENV a b
                   3 |     CMD start
                --------------------

                WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/

                """
            ),
            "\(outcome)"
        )
        #expect(PlainProgress(outcome).steps.map(\.name) == ["[internal] load build definition from Dockerfile"])
        #expect(!outcome.errors.contains("WARN") && !outcome.errors.contains("ERROR"), "\(outcome)")
        #expect(try FileTree.listing(project.cache).isEmpty)
        #expect(try FileTree.listing(project.directory) == ["Dockerfile"])
    }

    @Test("without findings the status is 0", arguments: Account.available)
    func noFindings(account: Account) throws {
        let project = try Project(Self.clean, as: account)
        let outcome = try project.run("--call=check", ".")
        #expect(outcome.succeeded && outcome.text == "Check complete, no warnings found.\n", "\(outcome)")
    }

    @Test("neither a home nor a cache directory is needed, nor a user namespace")
    func noSurroundings() throws {
        let project = try Project(Self.clean)
        var command = project.command(["--check", "."])
        command.environment["HOME"] = nil
        command.environment["XDG_CACHE_HOME"] = nil
        command.program = "unshare"
        // With every namespace used up, a build would not get one.
        let script = "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\""
        command.arguments = ["--user", "--map-root-user", "sh", "-c", script, "sh", Machine.swbuild, "--check", "."]
        let outcome = try command.run()
        #expect(outcome.succeeded && outcome.text == "Check complete, no warnings found.\n", "\(outcome)")
    }

    @Test("`ignorestatus` leaves findings and takes their status")
    func ignoreStatus() throws {
        let outcome = try Project(Self.questionable).run("--call=check,ignorestatus=true", ".")
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.text.hasPrefix("Check complete, 4 warnings have been found!\n"))
    }

    @Test("a Dockerfile with an error: what was found before it, then the error, status 1")
    func broken() throws {
        let project = try Project("FROM scratch as base\nRUNN true\n")
        let outcome = try project.run("-q", "--check", ".")
        #expect(outcome.status == .exited(1))
        #expect(outcome.text.hasPrefix("Check complete, 1 warning has been found!\n\nWARNING: FromAsCasing - "))
        #expect(
            outcome.errors == """
                ERROR: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)
                Dockerfile:2
                --------------------
                   1 |     FROM scratch as base
                   2 | >>> RUNN true
                   3 |     
                --------------------

                """
        )
        let json = try project.run("--call=check,format=json,ignorestatus=true", ".")
        #expect(json.status == .exited(1), "\(json)")
        #expect(try jq(json, ".buildError.location.ranges[0].start.line") == "2\n")
        #expect(try jq(json, ".buildError.message").hasPrefix("dockerfile parse error on line 2"))
    }

    @Test("a check as JSON has the members of BuildKit's lint result")
    func json() throws {
        let outcome = try Project(Self.questionable).run("--call=lint,format=json", ".")
        #expect(outcome.status == .exited(1))
        #expect(
            try jq(outcome, "[.warnings[].ruleName] | sort | join(\" \")")
                == "FromAsCasing JSONArgsRecommended LegacyKeyValueFormat StageNameCasing\n"
        )
        #expect(
            try jq(outcome, ".warnings[0] | [.description, .url, .detail, (.location | tojson)] | .[]") == """
                Stage names should be lowercase
                https://docs.docker.com/go/dockerfile/rule/stage-name-casing/
                Stage name 'Base' should be lowercase
                {"ranges":[{"start":{"line":1},"end":{"line":1}}]}

                """
        )
        #expect(try jq(outcome, ".sources[0].filename, .sources[0].language") == "Dockerfile\nDockerfile\n")
        #expect(try jq(outcome, ".sources[0].data | @base64d") == Self.questionable + "\n")
        #expect(try jq(outcome, "has(\"buildError\")") == "false\n")
    }

    @Test("a check as SARIF 2.1.0 has all that code scanning needs")
    func sarif() throws {
        let project = try Project(nil, ["app/Dockerfile": "FROM scratch as Base\nENV a b\nCOPY --from=7 a /\n"])
        let outcome = try project.run("--call=check,format=sarif", "app")
        #expect(outcome.status == .exited(1))
        let shape = """
            .version == "2.1.0" and (.["$schema"] | endswith("sarif-2.1.0.json")) and (.runs | length == 1)
            and (.runs[0] | . as $run | (.tool.driver.name == "swbuild") and (.tool.driver.version | test("^[0-9]"))
              and (.tool.driver.rules | length > 20 and (map(.id) | unique | length) == length
                and all(.[]; (.id | length > 0) and (.shortDescription.text | length > 0)
                  and (.defaultConfiguration.level | IN("warning", "error")) and (.helpUri // "https://" | startswith("https://"))))
              and (.results | length == 3 and all(.[];
                $run.tool.driver.rules[.ruleIndex].id == .ruleId and (.level | IN("warning", "error"))
                  and (.message.text | length > 0) and (.partialFingerprints | length == 1)
                  and all(.locations[].physicalLocation; .artifactLocation.uri == "app/Dockerfile"
                    and .region.startLine >= 1 and .region.endLine >= .region.startLine)))
              and (.invocations[0].executionSuccessful == false))
            """
        #expect(try jq(outcome, shape) == "true\n", "\(outcome)")
        #expect(
            try jq(outcome, ".runs[0].results[] | [.ruleId, .level, .locations[0].physicalLocation.region.startLine]")
                == "[\"StageNameCasing\",\"warning\",1]\n[\"FromAsCasing\",\"warning\",1]\n[\"BuildError\",\"error\",3]\n"
        )
    }

    @Test("the options of the directive, of the build argument, and `error=true` in a build")
    func options() throws {
        let project = try Project("# check=skip=StageNameCasing;error=true\n" + Self.questionable)
        let outcome = try project.run("--check", ".")
        #expect(outcome.text.hasPrefix("Check complete, 3 warnings"), "\(outcome)")
        #expect(outcome.errors.contains("ERROR: lint violation found for rules: "))
        let skipped = try project.run("--check", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all", ".")
        #expect(skipped.succeeded && skipped.text == "Check complete, no warnings found.\n", "\(skipped)")
        let build = try project.fail("-o", "out")
        #expect(build.errors.contains("ERROR: failed to build: failed to solve: lint violation found for rules: "))
        #expect(!FileTree.exists(project.path("out")))
        try project.build("--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all", "-o", "out")
    }

    @Test("the answer is in the metadata file, whatever its form on standard output and its status")
    func metadata() throws {
        let project = try Project(Self.questionable)
        func metadata(_ call: String, _ filter: String) throws -> [Substring] {
            _ = try project.run("--call=\(call)", "--metadata-file", "meta", ".")
            return try Command.check("jq", ["-rc", filter, project.path("meta")]).split(separator: "\n")
        }
        let keys = #"(keys_unsorted | join(" "))"#
        let values = #".version, ."result.statuscode", (."result.json".warnings | length)"#
        let check = try metadata("check", "\(keys), \(values)")
        #expect(check == ["result.json result.statuscode result.txt version", "1.0.0", "1", "4"])
        #expect(try metadata("check", #"."result.txt""#).first?.hasPrefix("WARNING: StageNameCasing") == true)
        let targets = try metadata("targets", keys + #", ."result.json".targets[0].name"#)
        #expect(targets == ["result.json result.txt version", "base"])
        #expect(try metadata("outline,format=json", #"."result.txt" | type"#) == ["string"])
        #expect(try metadata("subrequests.describe", #"."result.json" | type"#) == ["string"])
    }

    @Test("outputs, tags and other options of a build are taken, and nothing is built or pushed")
    func outputs() throws {
        let project = try Project(Self.clean)
        let outcome = try project.run(
            "--check",
            "-o",
            "type=oci,dest=out.tar",
            "--push",
            "-t",
            "127.0.0.1:1/app",
            "--load",
            "--cache-from",
            "x",
            "--iidfile",
            "id",
            "--metadata-file",
            "meta",
            "--secret",
            "id=a,src=missing",
            "."
        )
        #expect(outcome.succeeded && outcome.text == "Check complete, no warnings found.\n", "\(outcome)")
        #expect(try FileTree.listing(project.directory) == ["Dockerfile", "meta"])
    }

    @Test("`--call=build` builds")
    func build() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\n")
        try project.build("--call=build", "-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["Dockerfile"])
    }

    @Test("a named context that is an OCI layout is read")
    func layout() throws {
        let project = try Project("FROM base\nENV A=$FROM_LAYOUT B=$FROM_LAYOUTS\n")
        let layout = try ImageLayout(project.path("layout"))
        let layer = try layout.addLayer(try BaseImages.busyboxTar(project.scratch))
        try layout.writeImage([layer], config: #"{"Env":["PATH=/bin","FROM_LAYOUT=1"]}"#)
        let outcome = try project.run("--call=check,format=json", "--build-context=base=oci-layout://layout", ".")
        #expect(
            try jq(outcome, ".warnings[] | .detail")
                == "Usage of undefined variable '$FROM_LAYOUTS' (did you mean $FROM_LAYOUT?)\n",
            "\(outcome)"
        )
    }

    @Test("a Dockerfile on standard input, alone or with a context")
    func standardInput() throws {
        let project = try Project(nil, ["other": "FROM scratch\nCOPY secret /\n", ".dockerignore": "secret\n"])
        for (context, findings) in [(["-"], 0), (["-f", "-", "."], 1)] {
            var command = project.command(["--call=check,format=json"] + context)
            command.input = project.path("other")
            let outcome = try command.run()
            #expect(try jq(outcome, ".warnings | length") == "\(findings)\n", "\(context): \(outcome)")
        }
    }

    @Test("what is not there: Dockerfile, context, method")
    func missing() throws {
        let project = try Project(nil)
        let noDockerfile = try project.run("--check", ".")
        #expect(noDockerfile.status == .exited(1) && noDockerfile.output.isEmpty)
        #expect(noDockerfile.errors.contains("failed to read dockerfile: open Dockerfile: no such file"))
        let noContext = try project.run("--call=targets", "nowhere")
        #expect(noContext.status == .exited(1) && noContext.errors.contains("path \"nowhere\" not found"))
        let noMethod = try project.run("--call=chek", ".")
        #expect(noMethod.status == .exited(1))
        #expect(noMethod.errors.contains("the methods are build, check, outline, targets"), "\(noMethod)")
    }

    @Test("the outline of a target, as a table and as JSON, needs no base image")
    func outline() throws {
        let project = try Project(
            """
            # VERSION of the base
            ARG VERSION=12
            FROM 127.0.0.1:1/none:$VERSION AS build
            # LEVEL of noise
            ARG LEVEL=1
            RUN --mount=type=secret,id=token,required --mount=type=ssh make
            # app is the program
            FROM scratch AS app
            COPY --from=build /app /
            """
        )
        let text = try project.run("--progress=quiet", "--call=outline", "--build-arg", "LEVEL=2", ".")
        #expect(
            text.text == """
                TARGET:      app
                DESCRIPTION: is the program

                BUILD ARG   VALUE   DESCRIPTION
                VERSION     12      of the base
                LEVEL       2       of noise

                SECRET   REQUIRED
                token    true

                SSH       REQUIRED
                default   


                """,
            "\(text)"
        )
        #expect(text.succeeded && text.errors.isEmpty, "\(text)")
        let json = try project.run("--call=outline,format=json", "--target=build", ".")
        #expect(try jq(json, ".name, (.args | map(.name) | join(\" \"))") == "build\nVERSION LEVEL\n")
        #expect(
            try jq(json, ".secrets[0]")
                == "{\"name\":\"token\",\"required\":true,"
                + "\"location\":{\"ranges\":[{\"start\":{\"line\":6},\"end\":{\"line\":6}}]}}\n"
        )
        #expect(try jq(json, ".sources[0] | @base64d").hasPrefix("# VERSION of the base\n"))
    }

    @Test("the targets, as a table and as JSON", arguments: Account.available)
    func targets(account: Account) throws {
        let dockerfile = """
            # base has everything
            FROM 127.0.0.1:1/none AS base
            # check=skip=all
            FROM --platform=$BUILDPLATFORM base
            """
        let project = try Project(dockerfile, as: account)
        let text = try project.run("--print=targets", ".")
        #expect(text.text == "TARGET    DESCRIPTION\nbase      has everything\n(default) \n", "\(text)")
        let json = try project.run("--call=targets,format=json", ".")
        #expect(
            try jq(json, ".targets[] | [.name, .default, .description, .base, .platform, .location.ranges[0].end.line]")
                == """
                ["base",null,"has everything","127.0.0.1:1/none",null,2]
                [null,true,null,"base","$BUILDPLATFORM",4]

                """
        )
        #expect(try jq(json, ".sources | map(@base64d) | .[0]") == dockerfile + "\n")
        #expect(try FileTree.listing(project.cache).isEmpty)
    }

    @Test("the methods that there are")
    func describe() throws {
        let project = try Project(nil)
        let text = try project.run("--call=subrequests.describe", ".")
        #expect(text.succeeded && text.text.hasPrefix("NAME                 VERSION DESCRIPTION\n"), "\(text)")
        let json = try project.run("--call=describe,format=json", ".")
        #expect(
            try jq(json, "map(.name) | join(\" \")")
                == "frontend.outline frontend.targets frontend.lint frontend.subrequests.describe\n"
        )
    }

    @Test("what a base image sets is known to a check", arguments: Account.available)
    func baseImage(account: Account) throws {
        let scratch = Scratch()
        let layout = try ImageLayout(scratch.path("layout"))
        let layer = try layout.addLayer(try BaseImages.busyboxTar(scratch))
        try layout.writeImage([layer], config: #"{"Env":["PATH=/bin","FROM_BASE=1"],"Shell":["/bin/ash","-c"]}"#)
        let base = try RegistryServer.shared.get().server.push(layout, as: "checked")
        let project = try Project("FROM \(base)\nENV A=$FROM_BASE B=$FROM_BASS\nCMD start\n", as: account)
        let outcome = try project.run("--progress=plain", "--call=check,format=json", ".")
        #expect(
            try jq(outcome, ".warnings[] | .detail")
                == "Usage of undefined variable '$FROM_BASS' (did you mean $FROM_BASE?)\n",
            "\(outcome)"
        )
        #expect(PlainProgress(outcome).end(of: "[internal] load metadata for \(base)") == .done)
        let other = try project.run("--call=check,format=json", "--platform=linux/riscv64", ".")
        #expect(try jq(other, "[.warnings[].ruleName] | index(\"InvalidBaseImagePlatform\") != null") == "true\n")
        #expect(try FileTree.listing(project.cache).isEmpty)
    }

    @Test("a base image that a registry does not have is an error, one that nobody can be asked about is not")
    func noBaseImage() throws {
        let host = try BaseImages.busybox.get().split(separator: "/").first.map(String.init) ?? ""
        let name = "\(host)/no/such:image"
        let missing = try Project("FROM \(name)\nCMD [\"a\"]\n").run("--check", ".")
        #expect(missing.status == .exited(1))
        #expect(missing.errors.contains("ERROR: \(name): failed to resolve source metadata"), "\(missing)")
        let unreachable = try Project("FROM 127.0.0.1:1/none\nENV A=$PERHAPS\nWORKDIR rel\n").run("--check", ".")
        #expect(unreachable.text.hasPrefix("Check complete, 1 warning has been found!\n\nWARNING: WorkdirRelativePath"))
        #expect(unreachable.errors.contains("connection refused: what needs the image was not checked\n"))
        let clean = try Project("FROM 127.0.0.1:1/none\nENV A=$PERHAPS\n").run("--check", ".")
        #expect(clean.succeeded && clean.text == "Check complete, no warnings found.\n", "\(clean)")
    }

    @Test("shells complete the methods", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) throws {
        let script = try Command.check(Machine.swbuild, ["--generate-completion-script", shell])
        for method in ["check,format=sarif", "outline", "targets", "subrequests.describe"] {
            #expect(script.contains(method), "\(method)")
        }
    }

    @Test("a Git context is fetched", .enabled(if: Machine.has("git"), "git is not installed"))
    func gitContext() throws {
        let scratch = Scratch()
        let git = "git -c user.name=t -c user.email=t@example.org -c init.defaultBranch=main"
        try Command.shell(
            """
            mkdir -p work/sub served && cd work && \(git) init -q
            printf 'FROM scratch as base\\n' > sub/Dockerfile
            \(git) add . && \(git) commit -qm one && \(git) clone -q --bare . ../served/app.git
            """,
            in: scratch.root
        )
        let port = try FreePort.find()
        let service = try Janitor.Service(
            [
                "git", "daemon", "--verbose", "--export-all", "--reuseaddr", "--listen=127.0.0.1", "--port=\(port)",
                "--base-path=\(scratch.path("served"))", scratch.path("served"),
            ],
            ready: "Ready to rumble"
        )
        let project = try Project(nil)
        let url = "git://127.0.0.1:\(port)/app.git"
        let outcome = try project.run("--call=check,format=json", "\(url)#main:sub")
        withExtendedLifetime(service) {}
        #expect(try jq(outcome, ".warnings | map(.ruleName) | join(\" \")") == "FromAsCasing\n", "\(outcome)")
    }
}

/// What the build checks find is told of by builds, too.
@Suite struct BuildFindingTests {
    private static let findings = """

         2 warnings found (use --debug to expand):
         - FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)
         - LegacyKeyValueFormat: "ENV key=value" should be used instead of legacy "ENV key value" format (line 2)

        """

    @Test("findings are warnings of the vertex that loads the Dockerfile, and a list at the end")
    func success() throws {
        let outcome = try Project("FROM scratch as base\nENV a b\nCOPY Dockerfile /\n").build("-o", "out")
        #expect(outcome.errors.contains(Self.findings), "\(outcome)")
        #expect(
            outcome.errors.hasPrefix(
                "#1 [internal] load build definition from Dockerfile\n"
                    + "#1 WARN: FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)\n"
            ),
            "\(outcome)"
        )
        #expect(outcome.errors.contains("#1 WARN: LegacyKeyValueFormat: "))
    }

    @Test(
        "findings are listed before the error that ends a build",
        arguments: [
            ("RUNN true", 1, "unknown instruction: RUNN"), ("COPY nope /", 2, "\"/nope\": not found"),
            ("COPY --from=9 a /", 1, "invalid stage index 9"), ("FROM 127.0.0.1:1/none", 1, "connection refused"),
        ]
    )
    func failure(_ line: String, _ count: Int, _ message: String) throws {
        let outcome = try Project("FROM scratch as base\nENV a b\n\(line)\n").fail("-o", "out")
        let title = count == 1 ? " 1 warning found" : " 2 warnings found"
        let list = try #require(outcome.errorLines.firstIndex { $0.hasPrefix(title) }, "\(outcome)")
        let error = try #require(outcome.errorLines.firstIndex { $0.hasPrefix("ERROR: ") }, "\(outcome)")
        #expect(list < error && outcome.errorLines[error].contains(message), "\(outcome)")
        #expect(outcome.errors.contains("#1 WARN: FromAsCasing: "), "\(outcome)")
    }

    @Test("`--debug` explains findings")
    func debug() throws {
        let outcome = try Project("FROM scratch as base\nCOPY Dockerfile /\n").build("-D", "-o", "out")
        #expect(outcome.errors.contains("\n 1 warning found:\n - FromAsCasing: "), "\(outcome)")
        #expect(outcome.errors.contains("More info: https://docs.docker.com/go/dockerfile/rule/from-as-casing/\n"))
        #expect(outcome.errors.contains("   1 | >>> FROM scratch as base\n"))
    }

    @Test("quiet builds say nothing of findings, and raw progress has them as JSON")
    func otherModes() throws {
        let project = try Project("FROM scratch as base\nCOPY Dockerfile /\n")
        let quiet = try project.run("-q", "-o", "out", ".")
        #expect(quiet.succeeded && quiet.errors.isEmpty, "\(quiet)")
        let raw = try project.run("--progress=rawjson", "-o", "out", ".")
        let scratch = Scratch()
        try scratch.write("progress", raw.errors)
        let shorts = try Command.check(
            "jq",
            ["-r", "select(.warnings) | .warnings[] | .short | @base64d", scratch.path("progress")]
        )
        #expect(shorts == "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)\n")
    }
}
