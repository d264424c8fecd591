import Testing

/// Base images with everything that layers can hold.
@Suite struct BaseImageTests {
    /// Two layers: the second hides, replaces and adds to the first.
    private func layers(_ scratch: Scratch) throws -> [String] {
        try Command.shell(
            """
            mkdir -p 1/gone 1/dir/old 1/kept 1/replaced 1/bin 2/dir 2/kept
            echo 1 > 1/file; echo 1 > 1/gone/x; echo 1 > 1/dir/a; echo 1 > 1/kept/a; echo 1 > 1/kept/b
            echo 1 > 1/replaced/x; ln 1/file 1/hard; ln -s file 1/link; echo p > 1/bin/setuid; echo p > 1/bin/cap
            chmod 4711 1/bin/setuid; chmod 1777 1/kept
            chown 12:34 1/file; chown -h 5:6 1/link; chown 1000:1000 1/dir
            setcap cap_net_raw+ep 1/bin/cap; mkfifo 1/pipe; mknod 1/null c 1 3
            touch -d @1000000000 1/file
            chown 1000:1000 2/dir; chmod 1777 2/kept
            : > 2/.wh.gone; : > 2/dir/.wh..wh..opq; echo 2 > 2/dir/new; : > 2/kept/.wh.a; echo 2 > 2/replaced
            for n in 1 2; do tar -C $n --xattrs --xattrs-include='*' --numeric-owner --sort=name -cf $n.tar .; done
            """,
            in: scratch.root
        )
        return [scratch.path("1.tar"), scratch.path("2.tar")]
    }

    private func image(_ compression: ImageLayout.Compression, _ scratch: Scratch) throws -> ImageLayout {
        let layout = try ImageLayout(scratch.path("layout"))
        try layout.writeImage(try layers(scratch).map { try layout.addLayer($0, compression) }, config: "{}")
        return layout
    }

    /// What the image shows, as `tar -tv` prints modes, owners and names.
    private static let expected = """
        drwxr-xr-x 0/0 bin/
        -rw-r--r-- 0/0 bin/cap
        -rws--x--x 0/0 bin/setuid
        drwxr-xr-x 1000/1000 dir/
        -rw-r--r-- 0/0 dir/new
        -rw-r--r-- 12/34 file
        hrw-r--r-- 12/34 hard link to file
        drwxrwxrwt 0/0 kept/
        -rw-r--r-- 0/0 kept/b
        lrwxrwxrwx 5/6 link -> file
        crw-r--r-- 0/0 null
        prw-r--r-- 0/0 pipe
        -rw-r--r-- 0/0 replaced
        """

    private func show(_ tar: String, in directory: String, without excluded: String = "^$") throws -> String {
        try Command.shell(
            """
            tar --numeric-owner -tvf "$1" | awk '{ n = $6; for (i = 7; i <= NF; i++) n = n " " $i; print $1, $2, n }' \
                | grep -v "$2"
            """,
            [tar, excluded],
            in: directory
        )
    }

    @Test(
        "whiteouts, opaque directories, links, owners, setuid and devices arrive as root",
        .enabled(if: Machine.isRoot, Machine.needsRoot),
        arguments: ImageLayout.Compression.allCases
    )
    func everything(compression: ImageLayout.Compression) throws {
        let scratch = Scratch()
        let layout = try image(compression, scratch)
        let name = "features\(compression.rawValue.dropFirst())"
        let base = try RegistryServer.shared.get().server.push(layout, as: name)
        let project = try Project("FROM \(base)\n")
        try project.build("-o", "type=tar,dest=result.tar")
        #expect(try show("result.tar", in: project.directory) == Self.expected + "\n")
        try project.build("-o", "out")
        let capability = try Command.check("getcap", [project.path("out/bin/cap")])
        #expect(capability.contains("cap_net_raw=ep"))
        #expect(try FileTree.status(project.path("out/file"), "%Y %h") == "1000000000 2")
    }

    @Test(
        "an ordinary user with a range gets all but the device",
        .enabled(if: Machine.isRoot, Machine.needsRoot)
    )
    func withRange() throws {
        let scratch = Scratch()
        let base = try RegistryServer.shared.get().server.push(try image(.gzip, scratch), as: "features-range")
        let project = try Project("FROM \(base)\n", as: .range)
        try project.build("-o", "type=tar,dest=result.tar")
        let expected = Self.expected.split(separator: "\n").filter { !$0.hasSuffix(" null") }.joined(separator: "\n")
        #expect(try show("result.tar", in: project.directory, without: " null$") == expected + "\n")
    }

    @Test("layers are passed on unchanged, a step adds its own", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func passedOn() throws {
        let scratch = Scratch()
        let layout = try image(.gzip, scratch)
        let before = try LayoutView(directory: layout.root).manifest("[.layers[].digest]")
        let base = try RegistryServer.shared.get().server.push(layout, as: "passed-on")
        let project = try Project("FROM \(base)\nCOPY Dockerfile /dir/\n")
        try project.build("-o", "type=oci,dest=app.tar")
        let view = try LayoutView(archive: project.path("app.tar"))
        #expect(try view.manifest("[.layers[:2][].digest]") == before)
        #expect(try view.entries(layer: 2) == ["drwxr-xr-x 1000/1000 dir/", "-rw-r--r-- 0/0 dir/Dockerfile"])
    }

    @Test("an OCI layout directory can be the base")
    func layout() throws {
        let scratch = Scratch()
        let layout = try ImageLayout(scratch.path("layout"))
        try layout.writeImage(
            [try layout.addLayer(try BaseImages.busyboxTar(scratch))],
            config: #"{"Env":["PATH=/bin"]}"#
        )
        let project = try Project("FROM base AS make\nRUN echo x > /made\nFROM scratch\nCOPY --from=make /made /\n")
        try project.build("--build-context", "base=oci-layout://\(layout.root):1", "-o", "out")
        #expect(try FileTree.text(project.path("out/made")) == "x\n")
    }

    @Test("an index is followed to the manifest of the platform that is asked for")
    func platforms() throws {
        let scratch = Scratch()
        var entries: [String] = []
        let layout = try ImageLayout(scratch.path("layout"))
        for platform in ["amd64", "arm64"] {
            try scratch.write("\(platform)/name", platform)
            try Command.check("tar", ["-C", scratch.path(platform), "-cf", scratch.path("layer.tar"), "name"])
            try layout.writeImage([try layout.addLayer(scratch.path("layer.tar"))], config: "{}")
            let manifest = try Command.check(
                "jq",
                ["-c", ".manifests[0] | del(.annotations)", "\(layout.root)/index.json"]
            )
            entries.append(
                manifest.dropLast(2) + #","platform":{"os":"linux","architecture":"\#(platform)"}}"#
            )
        }
        let type = "application/vnd.oci.image.index.v1+json"
        let index = try layout.add(
            #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(entries.joined(separator: ","))]}"#,
            mediaType: type
        )
        try scratch.write(
            "layout/index.json",
            #"{"schemaVersion":2,"manifests":[\#(index.json.dropLast()),"annotations":{"org.opencontainers.image.ref.name":"1"}}]}"#
        )
        let server = try RegistryServer.shared.get().server.address
        try Command.check(
            "skopeo",
            [
                "--insecure-policy", "copy", "--all", "-q", "--dest-tls-verify=false", "oci:\(layout.root):1",
                "docker://\(server)/platforms:1",
            ]
        )
        let project = try Project("FROM \(server)/platforms:1\n")
        for platform in ["amd64", "arm64"] {
            try project.build("--platform", "linux/\(platform)", "-o", platform)
            #expect(try FileTree.text(project.path("\(platform)/name")) == platform)
        }
        let outcome = try project.fail("--platform", "linux/s390x", "-o", "out")
        #expect(outcome.errors.contains("no match for platform"), "\(outcome)")
    }

    @Test("a registry that asks for a password gets it from the Docker configuration")
    func password() throws {
        let scratch = Scratch()
        // `pass`, hashed with bcrypt.
        let hash = "$2b$04$mDTENqHzdSc91sYlSmBJmeDtBBJ/72ju2iTtX.fbC6VKQQ6NFiPGe"
        let users = try scratch.write("htpasswd", "user:\(hash)\n")
        let server = try RegistryServer(
            in: scratch,
            name: "locked",
            configuration: "auth: {htpasswd: {realm: tests, path: \(users)}}"
        )
        let layout = try ImageLayout(scratch.path("layout"))
        try layout.writeImage([try layout.addLayer(try BaseImages.busyboxTar(scratch))], config: "{}")
        let reference = "\(server.address)/private/image:1"
        try Command.check(
            "skopeo",
            [
                "--insecure-policy", "copy", "-q", "--dest-tls-verify=false", "--dest-creds=user:pass",
                "oci:\(layout.root):1", "docker://\(reference)",
            ]
        )
        let project = try Project("FROM \(reference)\n")
        let refused = try project.fail("-o", "out")
        #expect(refused.errors.contains(reference), "\(refused)")
        // base64 of `user:pass`
        let configuration = #"{"auths":{"\#(server.address)":{"auth":"dXNlcjpwYXNz"}}}"#
        try project.scratch.write("home/.docker/config.json", configuration)
        try project.build("-o", "out")
        #expect(FileTree.exists(project.path("out/bin/busybox")))
        server.stop()
    }
}
