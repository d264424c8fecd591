import Glibc
import Testing

/// Past attacks on the mounts and the environment of a `RUN` (spec/15), by every account.
@Suite struct MountAttackTests {
    /// A directory beside the project that nothing may get into or out of.
    private func victim(_ project: Project) throws -> String {
        let victim = try project.scratch.directory("victim")
        try project.scratch.write("victim/kept", "CANARY\n")
        try project.handOver()
        return victim
    }

    private func expectUntouched(_ victim: String, at location: SourceLocation = #_sourceLocation) throws {
        #expect(try FileTree.listing(victim) == ["kept"], sourceLocation: location)
        #expect(try FileTree.text("\(victim)/kept") == "CANARY\n", sourceLocation: location)
    }

    @Test("directories exchanged for links while others mount through them", arguments: Account.everywhere)
    func exchangedByASibling(account: Account) throws {
        let project = try Project(nil, as: account)
        let victim = try victim(project)
        let mounts = (0..<12).map { number in
            """
            RUN --mount=type=cache,id=race,target=/race --mount=type=tmpfs,target=/race/sub/dir \\
                --mount=type=cache,id=inner\(number),target=/race/sub/deep/er ls /race/sub/dir; true
            """
        }
        try project.write(
            "Dockerfile",
            """
            FROM \(try BaseImages.busybox.get()) AS exchange
            RUN --mount=type=cache,id=race,target=/race cd /race; n=0; while [ ! -e stop ] && [ $n -lt 20000 ]; do \\
                n=$((n+1)); rm -rf sub; ln -s \(victim) sub; rm -f sub; mkdir sub; ln -s ../../../../../..\(victim) sub/dir; \\
                done; touch /exchanged
            FROM \(try BaseImages.busybox.get()) AS mount
            \(mounts.joined(separator: "\n"))
            RUN --mount=type=cache,id=race,target=/race touch /race/stop /mounted
            FROM scratch
            COPY --from=exchange /exchanged /
            COPY --from=mount /mounted /
            """
        )
        // Whether a mount finds its place in the turmoil is chance.
        let outcome = try project.command(["--progress=plain", "-o", "type=cacheonly", "."]).run()
        #expect(outcome.status == .exited(0) || outcome.status == .exited(1), "\(outcome)")
        #expect(!outcome.errors.contains("kept"), "\(outcome)")
        try expectUntouched(victim)
    }

    @Test("links of an image are no way out for what is mounted from it", arguments: Account.everywhere)
    func linkedSource(account: Account) throws {
        let project = try Project(nil, as: account)
        let victim = try victim(project)
        try project.write(
            "Dockerfile",
            """
            FROM \(try BaseImages.busybox.get()) AS evil
            RUN ln -s / /root-link; ln -s ../../../.. /up; ln -s \(victim) /away; mkdir -p \(victim); touch \(victim)/inside
            FROM \(try BaseImages.busybox.get())
            RUN --mount=from=evil,source=/root-link,target=/m,rw test -e /m/up && ! test -e /m\(victim)/kept && touch /m/x
            RUN --mount=from=evil,source=/up/bin,target=/m test -e /m/busybox
            RUN --mount=from=evil,source=/away,target=/m,rw test -e /m/inside && touch /m/written
            RUN --mount=type=cache,from=evil,source=/away,target=/m test -e /m/inside && touch /m/written
            """
        )
        try project.build("-o", "type=cacheonly")
        try expectUntouched(victim)
        #expect(!FileTree.exists("/x"))
    }

    @Test("the id of a cache is no path", arguments: Account.everywhere)
    func cacheNames(account: Account) throws {
        let project = try Project(nil, as: account)
        let victim = try victim(project)
        let ids = ["../../../../victim", victim, "/..", ".", "a/../../b", String(repeating: "n/", count: 2048)]
        let steps = ids.map { "RUN --mount=type=cache,id=\($0),target=/c ls /c; touch /c/written" }
        try project.write("Dockerfile", "FROM \(try BaseImages.busybox.get())\n\(steps.joined(separator: "\n"))\n")
        let outcome = try project.build("-o", "type=cacheonly")
        #expect(!outcome.errors.contains("kept"), "\(outcome)")
        try expectUntouched(victim)
        let volumes = try FileTree.listing("\(project.cache)/swbuild/mounts", conditions: ["-maxdepth", "1"])
        #expect(volumes.count == ids.count, "\(volumes)")
        #expect(try FileTree.listing("\(project.cache)/swbuild", conditions: ["-name", "written"]).count == ids.count)
    }

    @Test("what is written to a bind mount is gone with its step", arguments: Account.everywhere)
    func discarded(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS other
            FROM \(try BaseImages.busybox.get())
            RUN --mount=target=/m,rw --mount=from=other,target=/o,rw echo $((41+1))-discarded | tee /m/new /o/new > /m/kept; \\
                rm /m/Dockerfile
            RUN --mount=target=/m --mount=from=other,target=/o ! test -e /m/new && ! test -e /o/new && test -e /m/Dockerfile
            """,
            ["kept": "as it was\n"],
            as: account
        )
        try project.build("-o", "type=oci,dest=app.tar")
        #expect(try FileTree.text(project.path("kept")) == "as it was\n")
        #expect(try FileTree.listing(project.directory) == ["Dockerfile", "app.tar", "kept"])
        #expect(try Command("grep", ["-rl", "42-discarded", project.scratch.root]).run().text == "")
    }

    @Test("variables of the image without a value take none of the builder's", arguments: Account.everywhere)
    func variablesWithoutValue(account: Account) throws {
        let project = try Project("FROM base\nRUN env; echo done\n", as: account)
        let layout = try ImageLayout(project.scratch.path("layout"))
        let layer = try layout.addLayer(try BaseImages.busyboxTar(project.scratch))
        try layout.writeImage([layer], config: #"{"Env":["AWS_SECRET_ACCESS_KEY","*","A","PATH=/bin"]}"#)
        try project.handOver()
        let outcome = try project.build(
            "--build-context",
            "base=oci-layout://\(project.scratch.path("layout")):1",
            "-o",
            "type=cacheonly",
            environment: ["AWS_SECRET_ACCESS_KEY": "CANARY", "A": "CANARY"]
        )
        #expect(outcome.errors.contains(" done"), "\(outcome)")
        #expect(!outcome.errors.contains("CANARY"), "\(outcome)")
    }

    @Test(
        "an ignore file that is a link out of the context shows nothing of what it leads to",
        arguments: Account.everywhere
    )
    func linkedIgnoreFile(account: Account) throws {
        let project = try Project("FROM scratch\nCOPY . /\n", ["a": "1\n"], as: account)
        let victim = try victim(project)
        try project.shell("ln -s '\(victim)/kept' .dockerignore")
        let outcome = try project.command(["--progress=plain", "-o", "out", "."]).run()
        #expect(!outcome.errors.contains("CANARY"), "\(outcome)")
        try expectUntouched(victim)
    }

    @Test(
        "where the builder's own `/dev/null` is something else, nothing is hidden with it",
        .enabled(if: Machine.isRoot, Machine.needsRoot)
    )
    func falseNull() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN cat /proc/kcore /proc/keys\n")
        let victim = try victim(project)
        var command = project.command([])
        command.program = "unshare"
        let script = "mount --bind \"$1\" /dev/null; shift; exec \"$@\""
        command.arguments =
            ["--mount", "sh", "-euc", script, "sh", "\(victim)/kept", Machine.swbuild]
            + ["--progress=plain", "-o", "type=cacheonly", "."]
        let outcome = try command.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errors.contains("cannot hide `/proc/"), "\(outcome)")
        #expect(!outcome.errors.contains("CANARY"), "\(outcome)")
    }
}
