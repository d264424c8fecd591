import Testing

/// `--push` and `-o type=registry`: images in a registry, as other programs find them.
@Suite struct PushTests {
    private static let skopeo = ["--insecure-policy", "inspect", "--tls-verify=false"]

    @Test("what is pushed is what skopeo and the next build find", arguments: Account.available)
    func push(account: Account) throws {
        let registry = try RegistryServer.shared.get().server.address
        let name = "\(registry)/pushed-\(account.rawValue)"
        let base = try BaseImages.busybox.get()
        let project = try Project("FROM \(base)\nENV A=1\nRUN echo made > /made\n", as: account)
        try project.build("-t", "\(name):1", "-t", "\(name):two", "--push", "--metadata-file", "meta.json")
        let digest = try Command.check("jq", ["-r", ".\"containerimage.digest\"", project.path("meta.json")]).trimmed
        for tag in ["1", "two"] {
            let found = try Command.check("skopeo", Self.skopeo + ["--format={{.Digest}}", "docker://\(name):\(tag)"])
            #expect(found.trimmed == digest)
        }
        let config = try Command.check("skopeo", Self.skopeo + ["--config", "docker://\(name):1"])
        #expect(config.contains("\"A=1\""))
        // From another cache: everything comes from the registry.
        let next = try Project("FROM \(name):two\nRUN cat /made > /again && test $A = 1\n", as: account)
        try next.build("-o", "out")
        #expect(try FileTree.text(next.path("out/again")) == "made\n")
    }

    @Test("a second push of the same image sends no layer again")
    func nothingTwice() throws {
        let scratch = Scratch()
        let server = try RegistryServer(in: scratch, name: "own")
        let project = try Project("FROM scratch\nCOPY file /\n", ["file": "x"])
        try project.build("-t", "\(server.address)/a:1", "--push")
        let uploads = "find \"$1/repositories\" -path '*_uploads*' -type f | wc -l"
        try project.build("-t", "\(server.address)/a:2", "--push")
        #expect(try Command.shell(uploads, [server.storage], in: scratch.root).trimmed == "0")
        let blobs = try Command.shell("find \"$1/blobs\" -name data | wc -l", [server.storage], in: scratch.root)
        // One layer, one configuration, one manifest.
        #expect(blobs.trimmed == "3")
        server.stop()
    }

    @Test("without a registry the push fails, and says where")
    func noRegistry() throws {
        let scratch = Scratch()
        let server = try RegistryServer(in: scratch, name: "gone")
        let address = server.address
        server.stop()
        let project = try Project("FROM scratch\nLABEL a=b\n")
        let outcome = try project.fail("-t", "\(address)/a:1", "--push")
        #expect(outcome.errors.contains(address), "\(outcome)")
    }

    @Test("a push without a name is refused before anything is built")
    func noName() throws {
        let outcome = try Project("FROM scratch\nLABEL a=b\n").fail("--push")
        #expect(outcome.errors.contains("tag"), "\(outcome)")
        #expect(!outcome.errors.contains("load build definition"), "\(outcome)")
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
