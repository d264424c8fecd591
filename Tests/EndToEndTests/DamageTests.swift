import TestRandomness
import Testing

/// Bits that flip in the cache directory: the next build is right, and says what was lost.
@Suite struct DamageTests {
    private func makeProject() throws -> Project {
        try Project(
            """
            FROM \(try BaseImages.busybox.get())
            COPY file /file
            RUN cat /file /file >/twice
            """,
            ["file": "x\n"]
        )
    }

    private func build(_ project: Project, _ place: Comment) throws -> Outcome {
        let arguments = ["--progress=plain", "-o", "type=oci,dest=app.tar", "."]
        let outcome = try project.command(arguments).run()
        try #require(outcome.succeeded, "\(place): \(outcome)")
        try LayoutView(archive: project.path("app.tar")).expectSoundBlobs()
        try project.shell("rm -rf out")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/twice")) == "x\nx\n", place)
        return outcome
    }

    /// Flips a bit of a file at an offset.
    private func flip(_ path: String, at offset: Int) throws {
        var bytes = try FileTree.bytes(path)
        bytes[offset] ^= 0x10
        try FileTree.write(path, bytes)
    }

    @Test("in a blob")
    func blobs() throws {
        let project = try makeProject()
        _ = try build(project, "at first")
        let blobs = "\(project.cache)/swbuild/blobs/sha256"
        for name in try FileTree.listing(blobs) {
            guard FileTree.exists("\(blobs)/\(name)") else { continue }
            let size = try FileTree.bytes("\(blobs)/\(name)").count
            try flip("\(blobs)/\(name)", at: size / 2)
            let outcome = try build(project, "\(name)")
            #expect(
                outcome.errors.contains("WARNING: the blob `sha256:\(name)` of the cache was damaged"),
                "\(outcome)"
            )
        }
    }

    @Test("a blob of which the end is lost")
    func cutBlobs() throws {
        let project = try makeProject()
        _ = try build(project, "at first")
        try Command.shell(
            "for blob in \"$1\"/*; do truncate -s -1 \"$blob\"; done",
            ["\(project.cache)/swbuild/blobs/sha256"]
        )
        _ = try build(project, "cut")
    }

    @Test("anywhere in the database", arguments: 0..<10)
    func database(seed: Int) throws {
        let project = try makeProject()
        _ = try build(project, "at first")
        let path = "\(project.cache)/swbuild/swbuild.db"
        var random = Randomness(seed: seed)
        let size = try FileTree.bytes(path).count
        // The header, a page, or all of it.
        switch seed {
        case 0: try flip(path, at: 3)
        case 1:
            try FileTree.write(
                path,
                Array("not a database, but longer than its header: ".utf8) + [UInt8](repeating: 7, count: 9000)
            )
        case 2: try FileTree.write(path, Array(try FileTree.bytes(path).prefix(size / 2)))
        case 3: try FileTree.write(path, [])
        default:
            var bytes = try FileTree.bytes(path)
            for _ in 0..<(1 << seed) {
                bytes[Int.random(in: 0..<size, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            try FileTree.write(path, bytes)
        }
        let outcome = try build(project, "seed \(seed)")
        if seed < 2 {
            #expect(outcome.errors.contains("WARNING: the cache database was damaged"), "\(outcome)")
            #expect(FileTree.exists("\(path)-damaged"))
        }
        let last = PlainProgress(try build(project, "seed \(seed), again"))
        #expect(last.end(of: "RUN cat") == .cached)
    }
}
