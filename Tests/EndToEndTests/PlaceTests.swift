import Testing

/// One build in every place that the tests can make.
@Suite struct PlaceTests {
    private static let places: [Place] = [
        .caller, .range, .namespaceRoot, .namespaceUser, .cacheOnMemory, .smallDisk,
    ]

    private static let epoch = ["SOURCE_DATE_EPOCH": "1700000000"]

    @Test("a build without RUN gives the same image everywhere", arguments: places)
    func withoutSteps(place: Place) throws {
        let project = try Project(
            """
            FROM scratch
            COPY --chown=12:34 --chmod=2750 tool /bin/
            COPY d /d/
            ENV A=b
            LABEL place=every
            """,
            ["tool": "#!/bin/sh\n", "d/file": "1\n"],
            in: place
        )
        let tar = try Self.image(of: project)
        let expected = try Self.expected.get()
        #expect(try tar.index(".manifests[0].digest") == expected)
    }

    /// The digest that root gets, or whoever runs the tests.
    private static let expected = Result {
        let project = try Project(
            """
            FROM scratch
            COPY --chown=12:34 --chmod=2750 tool /bin/
            COPY d /d/
            ENV A=b
            LABEL place=every
            """,
            ["tool": "#!/bin/sh\n", "d/file": "1\n"]
        )
        return try image(of: project).index(".manifests[0].digest")
    }

    private static func image(of project: Project) throws -> LayoutView {
        try project.build("-o", "type=oci,dest=image.tar,rewrite-timestamp=true", environment: epoch)
        return try LayoutView(archive: project.path("image.tar"))
    }

    @Test(
        "a step runs as root of its own file system",
        arguments: places + [.single, .noNewPrivileges, .fewIDs]
    )
    func withSteps(place: Place) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN id -u > /made && test -e /etc/passwd && ! test -e \(Machine.checkout)/Package.swift
            FROM scratch
            COPY --from=0 /made /
            """,
            in: place
        )
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/made")) == "0\n")
    }
}
