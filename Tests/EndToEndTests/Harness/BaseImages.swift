/// The base images of the tests: made here from the machine's own programs and pushed to the tests' registry.
enum BaseImages {
    /// `busybox`, a shell and some 250 applets, from the static binary.
    static let busybox = Result { try makeBusybox() }

    /// Debian bookworm, from `mmdebstrap`: needs a Debian mirror.
    static let debian = Result { try makeDebian() }

    /// `busybox` for arm64, whose shell this machine can only run through an emulator: needs a Debian mirror.
    static let foreign = Result { try makeForeign() }

    /// Two users besides root are in its `passwd`: `app` (1000:1000, also in group `extra`) and `nobody`.
    static let passwd = """
        root:x:0:0:root:/root:/bin/sh
        app:x:1000:1000:app:/home/app:/bin/sh
        nobody:x:65534:65534:nobody:/:/bin/false

        """

    static let group = "root:x:0:\napp:x:1000:\nextra:x:2000:app\nnogroup:x:65534:\n"

    /// Writes the tree of the busybox image as a tar file whose entries belong to root.
    static func busyboxTar(_ scratch: Scratch) throws -> String {
        let root = try scratch.directory("busybox")
        try scratch.write("busybox/etc/passwd", passwd)
        try scratch.write("busybox/etc/group", group)
        try Command.shell(
            """
            mkdir -p bin root home/app usr/bin var tmp && chmod 1777 tmp && chmod 700 root
            cp /bin/busybox bin/busybox && chmod 755 bin/busybox
            for name in $(bin/busybox --list); do [ "$name" = busybox ] || ln -s busybox "bin/$name"; done
            """,
            in: root
        )
        let tar = scratch.path("busybox.tar")
        try Command.check(
            "tar",
            ["-C", root, "--owner=0", "--group=0", "--numeric-owner", "--sort=name", "-cf", tar, "."]
        )
        return tar
    }

    private static func makeBusybox() throws -> String {
        let scratch = Scratch()
        let layout = try ImageLayout(scratch.path("layout"))
        let layer = try layout.addLayer(try busyboxTar(scratch))
        try layout.writeImage([layer], config: #"{"Env":["PATH=/bin","BASE=busybox"],"Cmd":["sh"]}"#)
        return try RegistryServer.shared.get().server.push(layout, as: "busybox")
    }

    private static func makeForeign() throws -> String {
        let scratch = Scratch()
        let package = scratch.path("package.tar")
        let arguments = [
            "--quiet", "--arch=arm64", "--variant=extract", "--include=busybox-static", "bookworm", package,
        ]
        do {
            try Command.check("mmdebstrap", arguments)
        } catch {
            try Command.check("mmdebstrap", arguments)
        }
        let root = try scratch.directory("root")
        try Command.shell(
            """
            tar -xf "$1" ./bin/busybox
            for name in sh cat uname id mkdir chmod su; do ln -s busybox "bin/$name"; done
            tar --owner=0 --group=0 --numeric-owner --sort=name -cf "$2" .
            """,
            [package, scratch.path("layer.tar")],
            in: root
        )
        let layout = try ImageLayout(scratch.path("layout"))
        let layer = try layout.addLayer(scratch.path("layer.tar"))
        try layout.writeImage([layer], config: #"{"Env":["PATH=/bin"],"Cmd":["sh"]}"#, architecture: "arm64")
        return try RegistryServer.shared.get().server.push(layout, as: "busybox-arm64")
    }

    private static func makeDebian() throws -> String {
        let scratch = Scratch()
        let tar = scratch.path("debian.tar")
        // Mirrors fail now and then; the option stays in the image, for the test's own `apt-get`.
        let arguments = ["--quiet", "--variant=minbase", "--aptopt=Acquire::Retries \"5\"", "bookworm", tar]
        do {
            try Command.check("mmdebstrap", arguments)
        } catch {
            try Command.check("mmdebstrap", arguments)
        }
        let layout = try ImageLayout(scratch.path("layout"))
        let layer = try layout.addLayer(tar)
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        try layout.writeImage([layer], config: #"{"Env":["PATH=\#(path)"],"Cmd":["bash"]}"#)
        return try RegistryServer.shared.get().server.push(layout, as: "debian")
    }
}
