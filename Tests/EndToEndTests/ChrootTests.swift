import Glibc
import Testing

/// Steps without namespaces and mounts: root that a container refuses both, or that asks for it.
@Suite(.enabled(if: Machine.isRoot, Machine.needsRoot))
struct ChrootTests {
    private static let forced = ["SWBUILD_ISOLATION": "chroot", "SOURCE_DATE_EPOCH": "1700000000"]

    private static func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.busybox.get()) AS base
        RUN mkdir -p /a/b && echo 1 > /a/b/one && ln /a/b/one /a/b/two && echo x > /a/x && mkfifo /a/p \\
            && chown -R 12:34 /a/b && chmod 4755 /a/b/one && rm /etc/group && rmdir /var
        RUN echo 2 > /a/b/one && rm -r /a/x && mkdir /a/x && mv /a/b /a/c && cat /a/c/two
        COPY --chown=app:1 d /a/c
        RUN ln /a/c/two /a/three && rm -rf /tmp && mkdir /tmp && mknod /null c 1 3
        FROM base
        USER app
        WORKDIR /w
        RUN test "$(id -u) $(pwd)" = "1000 /w" && ! echo x > /a/no
        COPY --from=base /a /b
        """
    }

    @Test("the image is that of every other way to run steps")
    func sameImage() throws {
        let digests = try [["SOURCE_DATE_EPOCH": "1700000000"], Self.forced].map { environment in
            let project = try Project(Self.dockerfile(), ["d/f": "1\n", "d/one": "3\n"])
            try project.build("-o", "type=oci,dest=image.tar,rewrite-timestamp=true", environment: environment)
            return try LayoutView(archive: project.path("image.tar")).index(".manifests[0].digest")
        }
        #expect(digests[0] == digests[1])
    }

    @Test("in a Docker container with its defaults, the image is the same")
    func sameImageInDocker() throws {
        let inside = try Project(Self.dockerfile(), ["d/f": "1\n", "d/one": "3\n"], in: .container)
        let outside = try Project(Self.dockerfile(), ["d/f": "1\n", "d/one": "3\n"])
        let digests = try [inside, outside].map { project in
            try project.build(
                "-o",
                "type=oci,dest=image.tar,rewrite-timestamp=true",
                environment: ["SOURCE_DATE_EPOCH": "1700000000"]
            )
            return try LayoutView(archive: project.path("image.tar")).index(".manifests[0].digest")
        }
        #expect(digests[0] == digests[1])
    }

    @Test("mounts are there for the step, and leave no trace; a volume keeps what is its own")
    func mounts() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN --mount=type=cache,target=/deep/c --mount=type=secret,id=s,target=/deep/c/in/secret \\
                --mount=type=tmpfs,target=/t --mount=type=bind,source=d,target=/bound,rw \\
                cat /deep/c/in/secret > /dev/null && echo kept > /deep/c/file && echo x > /t/x && echo y > /bound/f
            RUN --mount=type=cache,target=/deep/c mv /deep/c /moved && ! find / -name secret | grep .
            RUN --mount=type=cache,target=/elsewhere,id=/deep/c cat /elsewhere/file > /result; ls -A /elsewhere >> /result
            """,
            ["d/f": "1\n", "secret": "do not tell\n"]
        )
        try project.build("--secret", "id=s,src=secret", "-o", "type=tar,dest=out.tar", environment: Self.forced)
        let names = try Command.check("tar", ["-tf", project.path("out.tar")]).split(separator: "\n")
        let made = names.filter { name in
            ["deep", "t/", "bound", "dev", "proc", "run", "etc/hosts", "etc/resolv"].contains { name.hasPrefix($0) }
        }
        #expect(made.isEmpty)
        try project.shell("mkdir out && tar -C out -xf out.tar")
        #expect(try FileTree.text(project.path("out/result")).hasPrefix("kept\nfile\n"))
        // In no layer, and in nothing that is kept.
        try project.shell("! grep -r 'do not tell' \(project.cache)")
        #expect(try FileTree.text(project.path("d/f")) == "1\n")
    }

    @Test("a volume that a step mounts twice is one; steps that want two in another order do not wait for each other")
    func sameVolumeTwice() throws {
        let (one, two) = ("--mount=type=cache,target=/one", "--mount=type=cache,target=/two")
        let busy = "for n in 1 2 3 4 5 6 7 8; do echo $n > /one/$n; cp /one/$n /two/$n; done"
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS a
            RUN --mount=type=cache,id=v,target=/v --mount=type=cache,id=v,target=/w/x echo 1 > /v/f && cat /w/x/f > /a
            RUN \(one) \(two) \(busy)
            RUN \(two) \(one) \(busy)
            FROM \(try BaseImages.busybox.get()) AS b
            RUN --mount=type=cache,id=v,target=/v,sharing=locked --mount=type=cache,id=v,target=/w echo 2 > /v/g && cat /w/g > /b
            RUN \(two) \(one) \(busy)
            RUN \(one) \(two) \(busy); ls -A / > /names
            FROM scratch
            COPY --from=a /a /
            COPY --from=b /b /names /
            """,
            in: .confined
        )
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/a")) == "1\n")
        #expect(try FileTree.text(project.path("out/b")) == "2\n")
        let names = try FileTree.text(project.path("out/names")).split(separator: "\n")
        #expect(!names.contains("v") && !names.contains("w"))
    }

    @Test(
        "a process finds itself in /proc and its descriptors in /dev/fd",
        arguments: [Place.confined, .container]
    )
    func processFiles(place: Place) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            WORKDIR /work
            RUN for name in exe cwd root; do readlink /proc/self/$name; done; grep Name: /proc/self/status; \\
                read comm < /proc/$$/comm; echo $comm; xargs -0 -n 1 < /proc/self/cmdline | head -n 1; \\
                exec 3</etc/group 4>/work/file; head -n 1 /dev/fd/3; echo in > /proc/self/fd/4; cat /work/file; \\
                echo piped | cat /dev/stdin; test -e /dev/fd/3 && ! test -e /dev/fd/9 && chmod 640 /proc/self/fd/4; \\
                stat -c %a /work/file; readlink /proc/self/fd/3; grep -c / /proc/self/maps > /dev/null && echo mapped; \\
                for name in /proc/self/fd/9 /proc/self/root/etc/group /proc/self/mem /proc/self/cwd/file /proc/1/status \\
                    /proc/self/task/1/status /proc/self/ns/mnt /proc/self/../1/environ /proc/self/map_files; do \\
                    cat $name > /dev/null 2>&1 && echo "read $name"; ls $name/. 2>/dev/null && echo "listed $name"; done; \\
                (echo 1 > /proc/self/oom_score_adj) 2>&1 | grep -o denied
            """,
            in: place
        )
        let outcome = try project.build("-o", "type=cacheonly")
        let said = outcome.errorLines.compactMap { line -> String? in
            let words = line.split(separator: " ", maxSplits: 2)
            return words.count == 3 && Double(words[1]) != nil ? String(words[2]) : nil
        }
        #expect(
            said == [
                "/bin/busybox", "/work", "/", "Name:\tgrep", "sh", "/bin/sh", "root:x:0:", "in", "piped", "640",
                "/etc/group", "mapped", "denied",
            ],
            "\(outcome)"
        )
    }

    @Test("a step for a processor that nothing runs here is refused with a remedy")
    func foreignPlatform() throws {
        let project = try Project("FROM scratch\nCOPY Dockerfile /\nRUN [\"/none\"]\n", in: .confined)
        let outcome = try project.fail("--platform", "linux/s390x")
        if !FileTree.exists("/proc/sys/fs/binfmt_misc/qemu-s390x") {
            #expect(outcome.errors.contains("programs for `s390x` cannot be run"), "\(outcome)")
            #expect(outcome.errors.contains("hint: "), "\(outcome)")
        }
    }

    @Test("a step reaches nothing outside, and nothing that it starts outlives it")
    func confined() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN chroot / true; echo "chroot $?"; mknod /disk b 8 0; head -c 1 /disk | grep .; echo "disk $?"; \\
                mknod /tty c 4 1; stty -F /tty; echo "tty $?"; \\
                kill -9 -1; echo "everybody $?"; kill -0 \(getpid()); echo "tests $?"; \\
                mount -t proc proc /proc; echo "mount $?"; unshare -m true; echo "unshare $?"; \\
                test -e /proc/1/root; echo "proc $?"; test -e \(Machine.checkout)/Package.swift; echo "host $?"; \\
                echo "to the log" > /dev/stderr; (setsid sleep 8642 &); sleep 8643 &
            """
        )
        let outcome = try project.build("-o", "type=cacheonly", environment: Self.forced)
        for what in ["chroot", "disk", "tty", "everybody", "tests", "mount", "unshare", "proc", "host"] {
            #expect(outcome.errors.contains(" \(what) 1\n"), "\(what)\n\(outcome)")
        }
        #expect(outcome.errors.contains("to the log"), "\(outcome)")
        #expect(try Command("pgrep", ["-f", "^sleep 864[23]"]).run().text == "")
    }

    @Test("what only namespaces can give is refused with a remedy", arguments: ["network=none", "security=insecure"])
    func refused(option: String) throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN --\(option) true\n")
        let outcome = try project.fail("--allow", "security.insecure", environment: Self.forced)
        #expect(outcome.errors.contains("`--\(option)` needs namespaces"), "\(outcome)")
        #expect(outcome.errors.contains("hint: "), "\(outcome)")
    }
}

/// Cache directories that overlay does not accept.
@Suite(.enabled(if: Machine.isRoot, Machine.needsRoot))
struct SnapshotPlaceTests {
    @Test("on an overlay, snapshots lie in the directory for temporary files, and the log says so")
    func elsewhere() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN echo 1 > /x\n", in: .cacheOnOverlay)
        let outcome = try project.build("-o", "out")
        #expect(outcome.errors.contains("overlay cannot lie on the cache directory"), "\(outcome)")
        #expect(outcome.errors.contains("snapshots are in `\(project.scratch.path("tmp"))/swbuild-0/"), "\(outcome)")
        #expect(try FileTree.text(project.path("out/x")) == "1\n")
        let again = try project.build("-o", "out")
        #expect(again.errors.contains("CACHED"), "\(again)")
    }
}
