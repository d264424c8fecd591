import Testing

/// The release build is one static executable: `.build/release/swbuild`, or `SWBUILD_RELEASE_BINARY`.
@Suite(
    .enabled(if: Machine.releaseBinary != nil, "there is no release build: swift build -c release --product swbuild")
)
struct ReleaseBinaryTests {
    private let binary = Machine.releaseBinary ?? ""

    @Test("it has no dynamic section and no interpreter")
    func isStatic() throws {
        #expect(try Command.check("readelf", ["--dynamic", binary]).contains("There is no dynamic section"))
        #expect(!(try Command.check("readelf", ["--program-headers", binary]).contains("INTERP")))
    }

    @Test("it is under 40 MB when stripped")
    func size() throws {
        let scratch = Scratch()
        try Command.check("strip", ["-o", scratch.path("stripped"), binary])
        let bytes = Int(try FileTree.status(scratch.path("stripped"), "%s")) ?? .max
        #expect(bytes < 40_000_000)
    }

    @Test("it holds no ICU")
    func noICU() throws {
        let count = try Command.shell(
            "nm \"$1\" | grep -cE ' [TtWw] (u_|ucal_|udata_|udat_|ubrk_|unorm2_)[a-z]' || true",
            [binary]
        )
        #expect(count == "0\n")
    }

    /// The Swift runtime finds itself through `/proc/self/exe` and gives up without it.
    @Test(
        "it runs in a root directory that holds nothing but it and /proc",
        .enabled(if: Machine.isRoot, Machine.needsRoot)
    )
    func needsNothing() throws {
        let scratch = Scratch()
        let root = try scratch.directory("root")
        try Command.check("cp", [binary, "\(root)/swbuild"])
        let version = try Command.shell(
            "mkdir proc && unshare --mount sh -c 'mount -t proc proc proc && chroot . /swbuild --version'",
            in: root
        )
        #expect(version == (try Command.check(binary, ["--version"])))
    }
}
