import Testing

/// Owners, devices and ids where the kernel has one id: as root's, in the step and in the image.
@Suite(.enabled(if: Machine.isRoot, Machine.needsRoot))
struct LedgerTests {
    /// The manifest digest and the output of a build of busybox with `lines`, made by `account`.
    private func build(
        _ lines: String,
        _ files: [String: String] = [:],
        as account: Account
    ) throws -> (digest: String, outcome: Outcome) {
        let project = try Project("FROM \(try BaseImages.busybox.get())\n\(lines)\n", files, as: account)
        try project.shell("find . -exec touch -h -d @1500000000 {} +")
        let outcome = try project.build(
            "-o",
            "type=oci,dest=app.tar,rewrite-timestamp=true",
            environment: ["SOURCE_DATE_EPOCH": "1600000000"]
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
        let results = try Account.available.map { try build(lines, ["d/a": "1", "d/b/c": "2"], as: $0) }
        for result in results {
            #expect(result.digest == results[0].digest, "\(results[0].outcome)\n\(result.outcome)")
            #expect(result.outcome.errors.contains("uid=1000(app) gid=2000(extra)"), "\(result.outcome)")
            #expect(result.outcome.errors.contains(" denied"), "\(result.outcome)")
        }
    }

    @Test("a device made in a step or brought by an image is one in the image, whatever may be made here")
    func devices() throws {
        let script = """
            RUN mknod /disk b 8 1 && mknod -m 600 /null c 1 3 && chown 0:6 /disk && cp -a /disk /disk2 \\
                && stat -c '%F %t:%T %u:%g' /disk2 && tar -cf - disk2 | tar -tvf - | grep ^brw
            RUN mv /disk2 /disk3 && test -b /disk3
            """
        let results = try [Account.caller, .single].map { try build(script, as: $0) }
        #expect(results[0].digest == results[1].digest, "\(results[0].outcome)\n\(results[1].outcome)")
        #expect(results[1].outcome.errors.contains("block special file 8:1 0:6"), "\(results[1].outcome)")
    }
}
