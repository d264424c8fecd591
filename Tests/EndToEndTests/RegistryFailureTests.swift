import Testing

/// Registries that are not there, and blobs that are not what their digest says.
@Suite struct RegistryFailureTests {
    /// A registry of its own with an image whose only layer holds random bytes.
    private func serve(_ scratch: Scratch, layer tar: String? = nil) throws -> (RegistryServerHolder, ImageLayout.Blob)
    {
        let layout = try ImageLayout(scratch.path("layout"))
        let own = scratch.path("own.tar")
        if tar == nil {
            try scratch.write("tree/file", String(repeating: "0123456789abcdef", count: 20_000))
            try Command.shell(
                "head -c 3000000 /dev/urandom > tree/random && tar -C tree -cf own.tar .",
                in: scratch.root
            )
        }
        let layer = try layout.addLayer(tar ?? own)
        try layout.writeImage([layer], config: "{}")
        let holder = RegistryServerHolder(try RegistryServer(in: scratch, name: "own"))
        holder.reference = try holder.server.push(layout, as: "image")
        return (holder, layer.blob)
    }

    @Test("an image that does not exist is named")
    func imageNotFound() throws {
        let server = try RegistryServer.shared.get().server.address
        let project = try Project("FROM scratch AS a\nFROM \(server)/no/such:image\n")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("\(server)/no/such:image: not found"), "\(outcome)")
        #expect(outcome.errors.contains("Dockerfile:2"), "\(outcome)")
    }

    @Test("a registry that is down is named")
    func registryDown() throws {
        let project = try Project("FROM 127.0.0.1:1/image:1\n")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains("127.0.0.1:1"), "\(outcome)")
        #expect(outcome.errors.lowercased().contains("connection refused"), "\(outcome)")
    }

    @Test("a tag that moved is noticed by a build that asks for it before it has read its options, and so is its end")
    func movedTag() throws {
        let scratch = Scratch()
        let server = try RegistryServer(in: scratch, name: "own")
        let address = server.address
        func push(_ text: String, _ server: borrowing RegistryServer) throws -> String {
            try scratch.write("\(text)/name", text)
            try Command.check("tar", ["-C", scratch.path(text), "-cf", scratch.path("layer.tar"), "name"])
            let layout = try ImageLayout(scratch.path("layout-\(text)"))
            try layout.writeImage([try layout.addLayer(scratch.path("layer.tar"))], config: "{}")
            return try server.push(layout, as: "image")
        }
        let project = try Project("FROM \(try push("first", server))\n")
        // The second build knows what the first one asked for, the third one asks early and is answered otherwise.
        for name in ["first", "first", "second"] {
            if name == "second" { _ = try push(name, server) }
            try project.build("-o", "out")
            #expect(try FileTree.text(project.path("out/name")) == name)
        }
        try project.write("Dockerfile", "FROM \(address)/no/such:1\n")
        #expect(try project.fail("-o", "out").errors.contains("no/such:1: not found"))
        try project.write("Dockerfile", "FROM \(address)/image:1\n")
        server.stop()
        #expect(try project.fail("-o", "out").errors.lowercased().contains("connection refused"))
    }

    @Test("a layer with other bytes than its digest says is refused, and leaves nothing in the cache")
    func wrongDigest() throws {
        let scratch = Scratch()
        let (registry, blob) = try serve(scratch)
        let file = registry.server.file(of: blob.digest)
        try Command.shell(
            "cp \"$1\" good && printf X | dd of=\"$1\" bs=1 seek=100000 conv=notrunc status=none",
            [file],
            in: scratch.root
        )
        let project = try Project("FROM \(registry.reference)\n")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains(blob.digest), "\(outcome)")
        #expect(!FileTree.exists(project.path("out")))
        try Command.check("cp", [scratch.path("good"), file])
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["file", "random"])
    }

    @Test("a truncated layer is refused, and leaves nothing in the cache")
    func truncated() throws {
        let scratch = Scratch()
        let (registry, blob) = try serve(scratch)
        let file = registry.server.file(of: blob.digest)
        try Command.shell("cp \"$1\" good && truncate -s -70000 \"$1\"", [file], in: scratch.root)
        let project = try Project("FROM \(registry.reference)\n")
        let outcome = try project.fail("-o", "out")
        #expect(outcome.errors.contains(blob.digest), "\(outcome)")
        #expect(!FileTree.exists(project.path("out")))
        try Command.check("cp", [scratch.path("good"), file])
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["file", "random"])
    }

    @Test("a layer that unpacks to something else than its diff id is refused")
    func wrongDiffID() throws {
        let scratch = Scratch()
        let layout = try ImageLayout(scratch.path("layout"))
        try scratch.write("tree/file", "x")
        try Command.check("tar", ["-C", scratch.path("tree"), "-cf", scratch.path("layer.tar"), "file"])
        let layer = try layout.addLayer(scratch.path("layer.tar"))
        let zero = "sha256:" + String(repeating: "0", count: 64)
        try layout.writeImage([(layer.blob, zero)], config: "{}")
        let server = try RegistryServer(in: scratch, name: "own")
        let reference = try server.push(layout, as: "image")
        let outcome = try Project("FROM \(reference)\n").fail("-o", "out")
        #expect(outcome.errors.contains(zero) || outcome.errors.contains(layer.diffID), "\(outcome)")
        server.stop()
    }

    @Test(
        "entries of a layer never land outside of the image",
        arguments: ["../../../../../escape", "/escape", "way/escape", "up/escape"]
    )
    func escapes(name: String) throws {
        let scratch = Scratch()
        let outside = try scratch.directory("outside")
        try scratch.write("source", "out of bounds")
        // `way` leads to a directory of the host by its absolute name, `up` by a relative one.
        let target = "\(scratch.root)/outside"
        try Command.shell(
            """
            ln -s "$2" way; ln -s "../../../../../../../../..$2" up
            tar -cf layer.tar way up
            tar -P --transform="s,^source$,$1," -rf layer.tar source
            """,
            [name == "/escape" ? "\(target)/escape" : name, target],
            in: scratch.root
        )
        let (registry, _) = try serve(scratch, layer: scratch.path("layer.tar"))
        let project = try Project("FROM \(registry.reference)\n")
        let outcome = try project.run("-o", "out", ".")
        #expect(try FileTree.listing(outside).isEmpty, "\(outcome)")
        #expect(!FileTree.exists("/escape") && !FileTree.exists("\(scratch.root)/../escape"))
        // Either the entry is refused by name, or it lies inside of the image, as with other builders.
        if outcome.succeeded {
            let found = try FileTree.listing(project.path("out"), format: "%f", conditions: ["-type", "f"])
            #expect(found == ["escape"])
        } else {
            #expect(outcome.errors.contains("escape"), "\(outcome)")
        }
    }
}

/// Keeps a registry for the length of a test.
final class RegistryServerHolder {
    let server: RegistryServer
    var reference = ""

    init(_ server: consuming RegistryServer) { self.server = server }
}
