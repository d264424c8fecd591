import Testing

/// Owners, devices and ids where the kernel has one id: as root's, in the step and in the image.
@Suite(.enabled(if: Machine.isRoot, Machine.needsRoot))
struct LedgerTests {
    /// The manifest digest and the output of a build of busybox with `lines`, made by `account`.
    private func build(
        _ lines: String,
        _ files: [String: String] = [:],
        as account: Account,
        _ environment: [String: String] = [:]
    ) throws -> (digest: String, outcome: Outcome) {
        let project = try Project("FROM \(try BaseImages.busybox.get())\n\(lines)\n", files, as: account)
        try project.shell("find . -exec touch -h -d @1500000000 {} +")
        let outcome = try project.build(
            "-o",
            "type=oci,dest=app.tar,rewrite-timestamp=true",
            environment: ["SOURCE_DATE_EPOCH": "1600000000"].merging(environment) { $1 }
        )
        return (try LayoutView(archive: project.path("app.tar")).index(".manifests[0].digest"), outcome)
    }

    private static let builds = [
        "chown -R app:extra /made && chmod 2750 /made && echo y > /made/y && ln /made/x /hard && mv /made/x /moved",
        "ln -s t /link && chown -h 5:6 /link && mv /link /link2 && mkfifo /f && chown 7:8 /f && chown 1:1 /made/x"
            + " && rm /made/x && echo z > /made/x",
        "cp -a /bin/busybox /suid && chown 0:7 /suid && chmod 6755 /suid && chown 0:8 /suid && cp -a /suid /keep"
            + " && chmod 4755 /suid && rm -r /home/app && mkdir -m 700 /home/app && chown app: /home/app",
        "echo bob:x:1234:1234::/home/bob:/bin/sh >> /etc/passwd && mkdir /home/bob && cp /etc/passwd /home/bob/p && chmod 640 /home/bob/p && chown -R bob:1234 /home/bob && ls -ln /home/bob"
            + " && tar -cf /t.tar -C /home bob && mkdir /u && tar -xf /t.tar -C /u && rm /t.tar && stat -c %u /u/bob/p",
        "su app -s /bin/sh -c 'id; umask 027; echo a > /tmp/a; mkdir /tmp/d; ln -s x /tmp/l; mkfifo /tmp/p; echo b >>"
            + " /etc/passwd || true; ls -ln /tmp'; stat -c %u:%g /tmp/a",
    ]

    @Test("an image is the same, to the digest", arguments: builds)
    func sameImage(script: String) throws {
        let lines = """
            RUN mkdir /made && echo x > /made/x && \(script)
            COPY --chown=app:33 --chmod=640 d /copied
            USER app:extra
            RUN id && echo h > /tmp/h && mkdir -p /tmp/new/er && ln -s q /tmp/q && (echo x > /etc/no || echo denied)
            USER 0
            RUN chown -R 9:9 /copied /tmp/q /tmp/new
            """
        let files = ["d/a": "1", "d/b/c": "2"]
        let results =
            try Account.available.map { try build(lines, files, as: $0) }
            + [try build(lines, files, as: .single, ["SWBUILD_SNAPSHOTS": "plain"])]
        for result in results {
            #expect(result.digest == results[0].digest, "\(results[0].outcome)\n\(result.outcome)")
            #expect(result.outcome.errors.contains("uid=1000(app) gid=2000(extra)"), "\(result.outcome)")
            #expect(result.outcome.errors.contains(" denied"), "\(result.outcome)")
        }
    }

    @Test("another user than root is refused what is not its own", arguments: Account.available)
    func refusals(account: Account) throws {
        let attempts = [
            "cat /secret", "echo x >> /shared", "echo x > /etc/group", "rm /etc/group", "rm -f /sticky/others",
            "rmdir /etc/d", "mv /etc/group /tmp/g", "mv /sticky/others /tmp/o", "chmod 777 /etc", "chmod 666 /shared",
            "ls /closed",
            "mkdir /etc/new", "ln -s x /etc/link", "mknod /tmp/null c 1 3",
        ]
        let allowed = [
            "cat /shared", "cat /etc/group", "rm /sticky/own", "chmod 600 /own/file", "mv /own/file /own/moved",
            "rm -r /own/dir", "cat /grouped", "cat /proc/self/status", "echo x > /dev/null", "echo y > /tmp/new",
        ]
        let tries = (attempts + allowed).map { "(\($0)) > /dev/null 2>&1 && echo 'did \($0)'" }
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN umask 022; echo s > /secret && chmod 600 /secret && echo t > /shared && mkdir /etc/d /closed /own /own/dir \\
                && echo u > /own/file && chown -R app /own && chmod 700 /closed && mkdir -m 1777 /sticky \\
                && touch /sticky/others /sticky/own && chown app /sticky/own \\
                && echo g > /grouped && chmod 640 /grouped && chgrp extra /grouped
            USER app
            RUN \(tries.joined(separator: "; \\\n    ")); true
            """,
            as: account
        )
        let outcome = try project.build("-o", "type=cacheonly")
        // `#6 0.049 did rm /own`
        let done = outcome.errorLines.compactMap { line -> String? in
            let words = line.split(separator: " ", maxSplits: 3)
            return words.count == 4 && words[2] == "did" && Double(words[1]) != nil ? String(words[3]) : nil
        }
        #expect(done == allowed, "\(outcome)")
    }

    @Test(
        "a device made in a step is one in the image, whatever may be made here",
        arguments: [[:], ["SWBUILD_SNAPSHOTS": "plain"], ["SWBUILD_ISOLATION": "chroot"]]
    )
    func devices(environment: [String: String]) throws {
        let script = """
            RUN mknod /disk b 8 1 && mknod -m 600 /null c 1 3 && chown 0:6 /disk && cp -a /disk /disk2 \\
                && stat -c '%F %t:%T %u:%g' /disk2 && tar -cf - disk2 | tar -tvf - | grep ^brw
            RUN mv /disk2 /disk3 && test -b /disk3 && chmod 444 /disk3 && ln /disk3 /disk4 && ls /disk3 > /script
            USER app
            RUN ! mknod /tmp/no c 1 5 && (umask 0; mkfifo /tmp/pipe) && test -b /disk4
            USER 0
            RUN chmod 2777 /home && chown 7:8 /home && mknod /home/disk b 8 2 && printf 'rm /disk' >> /script && sh /script
            """
        let accounts = environment["SWBUILD_ISOLATION"] == nil ? Account.available : [.caller]
        let expected = try build(script, as: .caller)
        for account in accounts {
            let result = try build(script, as: account, environment)
            #expect(result.digest == expected.digest, "\(account)\n\(result.outcome)\n\(expected.outcome)")
            #expect(result.outcome.errors.contains("block special file 8:1 0:6"), "\(result.outcome)")
        }
    }

    @Test("devices of an image stay what they are", arguments: Account.available)
    func devicesOfImages(account: Account) throws {
        func digest(_ account: Account) throws -> String {
            let project = try Project(
                """
                FROM base AS base
                FROM \(try BaseImages.busybox.get())
                COPY --from=base /kept /copy
                RUN test -b /copy/disk && cp -a /copy /again
                RUN --mount=from=base,target=/base tar -C /base -cf /all.tar kept && mkdir /x && tar -xf /all.tar -C /x
                """,
                as: account
            )
            let root = try project.scratch.directory("root/kept")
            try Command.shell(
                "mknod disk b 8 0; mknod zero c 1 5; mknod -m 600 console c 5 1; ln disk hard; chown 0:6 disk"
                    + "; find .. -exec touch -h -d @1500000000 {} +",
                in: root
            )
            let tar = project.scratch.path("root.tar")
            try Command.check("tar", ["-C", project.scratch.path("root"), "--sort=name", "-cf", tar, "."])
            let layout = try ImageLayout(project.scratch.path("layout"))
            try layout.writeImage([try layout.addLayer(tar)], config: "{}")
            try project.handOver()
            try project.build(
                "--build-context",
                "base=oci-layout://\(project.scratch.path("layout")):1",
                "-o",
                "type=oci,dest=app.tar,rewrite-timestamp=true",
                environment: ["SOURCE_DATE_EPOCH": "1600000000"]
            )
            return try LayoutView(archive: project.path("app.tar")).index(".manifests[0].digest")
        }
        #expect(try digest(account) == digest(.caller))
    }
}
