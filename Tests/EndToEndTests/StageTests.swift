import Testing

/// Stages: which are needed, which are not even looked at.
@Suite struct StageTests {
    private func dockerfile() throws -> String {
        """
        ARG BASE=\(try BaseImages.busybox.get())
        FROM $BASE AS base
        RUN echo base > /base
        FROM base AS unneeded
        RUN exit 7
        FROM 127.0.0.1:1/nobody/answers AS unreachable
        FROM base AS Left
        RUN echo left > /left
        FROM base AS right
        RUN echo right > /right
        FROM scratch AS result
        COPY --from=left /left /
        COPY --from=3 /base /
        COPY --from=right /right /
        FROM unneeded AS last
        """
    }

    @Test("stages that the target does not need are neither resolved nor run")
    func unneeded() throws {
        let project = try Project(try dockerfile())
        let outcome = try project.build("--target", "RESULT", "-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["base", "left", "right"])
        #expect(!outcome.errors.contains("exit 7"))
    }

    @Test("without a target it is the last stage")
    func last() throws {
        let project = try Project(try dockerfile())
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("exit code: 7"), "\(outcome)")
    }

    @Test("an image can be the source of COPY --from")
    func imageAsSource() throws {
        let project = try Project("FROM scratch\nCOPY --from=\(try BaseImages.busybox.get()) /etc/group /\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/group")) == BaseImages.group)
    }

    @Test("the first failure is the one reported, and cancels the others")
    func firstFailure() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS slow
            RUN sleep 86397
            FROM \(try BaseImages.busybox.get()) AS broken
            RUN echo wrong here && exit 9
            FROM scratch
            COPY --from=slow /a /
            COPY --from=broken /b /
            """
        )
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("wrong here"))
        #expect(outcome.errors.contains("exit code: 9"))
        #expect(PlainProgress(outcome).end(of: "RUN sleep") == .canceled, "\(outcome)")
        #expect(try ProcessTable.withArgument("86397").isEmpty)
        #expect(!FileTree.exists(project.path("out")))
    }

    @Test("ONBUILD triggers of a base image run in the child, before its own instructions")
    func onBuild() throws {
        let scratch = Scratch()
        let layout = try ImageLayout(scratch.path("layout"))
        let layer = try layout.addLayer(try BaseImages.busyboxTar(scratch))
        try layout.writeImage(
            [layer],
            config: #"{"Env":["PATH=/bin"],"OnBuild":["ARG WHO=nobody","RUN echo $WHO > /made"]}"#
        )
        let base = try RegistryServer.shared.get().server.push(layout, as: "onbuild")
        let project = try Project(
            "FROM \(base) AS make\nRUN echo after >> /made\nFROM scratch\nCOPY --from=make /made /\n"
        )
        try project.build("--build-arg", "WHO=me", "-o", "out")
        #expect(try FileTree.text(project.path("out/made")) == "me\nafter\n")
    }
}
