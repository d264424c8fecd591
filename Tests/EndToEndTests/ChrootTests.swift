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
