import Testing

/// `-o type=oci` and `-o type=docker`: images that other programs accept.
@Suite struct ImageOutputTests {
    /// Every instruction that ends up in the image's configuration.
    private func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.busybox.get())
        LABEL kind=test "with space"="a b"
        ENV GREETING="hello world" PATH=/bin:/app
        EXPOSE 80 53/udp
        VOLUME /data
        WORKDIR /app
        COPY file .
        RUN echo made > made
        USER app
        SHELL ["/bin/sh", "-ec"]
        STOPSIGNAL SIGINT
        HEALTHCHECK --interval=30s --retries=2 CMD true
        ONBUILD RUN echo child
        ENTRYPOINT ["/bin/sh"]
        CMD ["-c", "cat made"]
        """
    }

    /// The configuration that these instructions give, as the format's `config` object.
    private static let config = """
        {"User":"app","ExposedPorts":{"53/udp":{},"80/tcp":{}},"Env":["PATH=/bin:/app","BASE=busybox",\
        "GREETING=hello world"],"Entrypoint":["/bin/sh"],"Cmd":["-c","cat made"],"Volumes":{"/data":{}},\
        "WorkingDir":"/app","Labels":{"kind":"test","with space":"a b"},"StopSignal":"SIGINT",\
        "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":30000000000,"Retries":2},\
        "OnBuild":["RUN echo child"],"Shell":["/bin/sh","-ec"]}
        """

    private func project(as account: Account) throws -> Project {
        try Project(try dockerfile(), ["file": "x"], as: account)
    }

    @Test("an OCI archive holds the layers and configuration of the Dockerfile", arguments: Account.available)
    func archive(account: Account) throws {
        let project = try project(as: account)
        try project.build("-t", "app:1", "-o", "type=oci,dest=app.tar")
        let view = try LayoutView(archive: project.path("app.tar"))
        try view.expectSoundBlobs()
        #expect(try view.config("del(.config.ArgsEscaped) | .config") == Self.config)
        #expect(try view.config(".os + \"/\" + .architecture") == "linux/\(ImageLayout.architecture)")
        #expect(try view.manifest("[.layers[].mediaType] | unique[]") == "application/vnd.oci.image.layer.v1.tar+gzip")
        #expect(try view.manifest(".layers | length") == "4")
        #expect(try view.config("[.history[] | select(.empty_layer | not)] | length") == "4")
        #expect(try view.index(".manifests[0].annotations[\"io.containerd.image.name\"]") == "docker.io/library/app:1")
        #expect(try view.entries(layer: 1) == ["drwxr-xr-x 0/0 app/"])
        #expect(try view.entries(layer: 2) == ["drwxr-xr-x 0/0 app/", "-rw-r--r-- 0/0 app/file"])
        #expect(try view.entries(layer: 3) == ["drwxr-xr-x 0/0 app/", "-rw-r--r-- 0/0 app/made"])
    }

    @Test("skopeo inspects the archive, the directory and the docker archive")
    func skopeo() throws {
        let project = try project(as: .caller)
        try project.build(
            "-t",
            "app:1",
            "-o",
            "type=oci,dest=app.tar",
            "-o",
            "type=oci,dest=layout,tar=false",
            "-o",
            "type=docker,dest=docker.tar"
        )
        let places = ["oci-archive:app.tar", "oci:layout:1", "docker-archive:docker.tar"]
        for place in places {
            let labels = try Command.shell(
                "skopeo inspect \"$1\" | jq -c .Labels",
                [place],
                in: project.directory
            )
            #expect(labels == "{\"kind\":\"test\",\"with space\":\"a b\"}\n", "\(place)")
        }
        let copied = try Command.shell(
            "skopeo --insecure-policy copy -q oci-archive:app.tar dir:copy && ls copy | wc -l",
            in: project.directory
        )
        #expect(copied == "7\n")
    }

    @Test("umoci unpacks the layout directory")
    func umoci() throws {
        let project = try project(as: .caller)
        try project.build("-t", "app:1", "-o", "type=oci,dest=layout,tar=false")
        let rootless = Machine.isRoot ? [] : ["--rootless"]
        try Command.check("umoci", ["unpack"] + rootless + ["--image", "layout:1", "bundle"], in: project.directory)
        #expect(try FileTree.text(project.path("bundle/rootfs/app/made")) == "made\n")
        #expect(!FileTree.exists(project.path("bundle/rootfs/proc/self")))
    }

    @Test(
        "podman loads both archives and runs the image",
        .enabled(if: Machine.has("podman") && Machine.isRoot, "podman is not installed, or not root"),
        arguments: ["oci", "docker"]
    )
    func podman(type: String) throws {
        let project = try project(as: .caller)
        try project.build("-t", "app:1", "-o", "type=\(type),dest=app.tar")
        let podman = """
            podman() { command podman --root "$PWD/store" --runroot "$PWD/run" --storage-driver vfs "$@"; }
            podman load -q -i app.tar >&2
            podman image inspect --format '{{.User}} {{.Config.WorkingDir}}' app:1
            podman rmi -f -a >&2
            """
        #expect(try Command.shell(podman, in: project.directory) == "app /app\n")
    }

    @Test("the docker archive names its tags in familiar form")
    func dockerArchive() throws {
        let project = try project(as: .caller)
        try project.build("-t", "app:1", "-t", "example.org/x/y", "-o", "type=docker,dest=app.tar")
        let tags = try Command.shell("tar -xOf app.tar manifest.json | jq -c '.[].RepoTags'", in: project.directory)
        #expect(tags == "[\"app:1\",\"example.org/x/y:latest\"]\n")
    }

    @Test("layers are compressed as asked", arguments: ["gzip": "+gzip", "zstd": "+zstd", "uncompressed": ""])
    func compression(name: String, suffix: String) throws {
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.build("-o", "type=oci,dest=app.tar,compression=\(name)")
        let view = try LayoutView(archive: project.path("app.tar"))
        try view.expectSoundBlobs()
        #expect(try view.manifest(".layers[0].mediaType") == "application/vnd.oci.image.layer.v1.tar\(suffix)")
        #expect(try view.entries(layer: 0) == ["-rw-r--r-- 0/0 file"])
    }

    @Test("two builds of the same thing in different caches give the same layers")
    func reproducible() throws {
        let dockerfile = "FROM scratch\nCOPY --chmod=755 d /d\n"
        let digests = try (0..<2).map { _ in
            let project = try Project(dockerfile, ["d/a": "1", "d/b": "2"])
            try project.shell("touch -d @1000000000 d d/a d/b")
            try project.build("-o", "type=oci,dest=app.tar")
            return try LayoutView(archive: project.path("app.tar")).manifest("[.layers[].digest]")
        }
        #expect(digests[0] == digests[1])
    }

    @Test("cacheonly runs everything and writes nothing")
    func cacheOnly() throws {
        let project = try Project(try dockerfile(), ["file": "x"])
        let outcome = try project.build("-o", "type=cacheonly")
        #expect(outcome.output.isEmpty)
        #expect(PlainProgress(outcome).end(of: "RUN echo made") == .done)
        #expect(try FileTree.listing(project.directory) == ["Dockerfile", "file"])
    }

    @Test("a deletion is a whiteout in the layer")
    func whiteouts() throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN rm -r /home /etc/group && mkdir /home\n"
        )
        try project.build("-o", "type=oci,dest=app.tar")
        let view = try LayoutView(archive: project.path("app.tar"))
        #expect(
            try view.entries(layer: 1) == [
                "drwxr-xr-x 0/0 etc/", "---------- 0/0 etc/.wh.group", "drwxr-xr-x 0/0 home/",
                "---------- 0/0 home/.wh.app",
            ]
        )
    }
}
