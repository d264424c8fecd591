import Testing

/// One build in every place that the tests can make.
@Suite struct PlaceTests {
    private static let epoch = ["SOURCE_DATE_EPOCH": "1700000000"]

    /// Owners, links and modes of a base image and of copies.
    private static func project(in place: Place) throws -> Project {
        try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS base
            COPY --chown=12:34 --chmod=2750 tool /bin/
            COPY d /d/
            FROM base
            COPY --from=base --chown=app:extra /d /copy/
            COPY --from=base /bin/tool /bin/sh /copy/
            ENV A=b
            LABEL place=every
            """,
            ["tool": "#!/bin/sh\n", "d/file": "1\n", "d/e/file": "2\n"],
            in: place
        )
    }

    @Test("a build without RUN gives the same image everywhere", arguments: Place.allCases)
    func withoutSteps(place: Place) throws {
        let image = try Self.image(of: Self.project(in: place))
        let expected = try Self.expected.get()
        #expect(try image.index(".manifests[0].digest") == expected)
    }

    /// The digest that root gets, or whoever runs the tests.
    private static let expected = Result { try image(of: project(in: .caller)).index(".manifests[0].digest") }

    private static func image(of project: Project) throws -> LayoutView {
        try project.build("-o", "type=oci,dest=image.tar,rewrite-timestamp=true", environment: epoch)
        return try LayoutView(archive: project.path("image.tar"))
    }

    @Test("a step runs as root of its own file system", arguments: Place.withSteps)
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
