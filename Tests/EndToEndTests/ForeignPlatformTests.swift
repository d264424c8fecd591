import Testing

/// Steps for another processor, which QEMU runs: registered for the build alone where it has a user namespace.
@Suite(
    .enabled(if: Machine.has("qemu-aarch64-static"), "Debian's qemu-user-static is not installed"),
    .enabled(if: ImageLayout.architecture == "amd64", "the base image is for another processor than amd64")
)
struct ForeignPlatformTests {
    private static func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.foreign.get())
        RUN uname -m > /made && ! cat /usr/bin/qemu-aarch64-static
        RUN ["/bin/busybox", "mkdir", "-p", "/a/b"]
        """
    }

    private static let isRegistered = FileTree.exists("/proc/sys/fs/binfmt_misc/qemu-aarch64")

    @Test("an ordinary user needs no privilege for it", arguments: [Place.range, .single, .noNewPrivileges])
    func ordinaryUser(place: Place) throws {
        let project = try Project(try Self.dockerfile(), in: place)
        try project.build("--platform", "linux/arm64", "-o", "out")
        #expect(try FileTree.text(project.path("out/made")) == "aarch64\n")
        #expect(FileTree.exists(project.path("out/a/b")))
        #expect(Self.isRegistered == FileTree.exists("/proc/sys/fs/binfmt_misc/qemu-aarch64"))
    }

    @Test("both platforms of one build run their own programs")
    func twoPlatforms() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS amd64
            FROM \(try BaseImages.foreign.get()) AS arm64
            FROM ${TARGETARCH} AS final
            RUN uname -m > /made
            FROM scratch
            COPY --from=final /made /
            """,
            in: .range
        )
        try project.build("--platform", "linux/amd64,linux/arm64", "-o", "out")
        #expect(try FileTree.text(project.path("out/linux_amd64/made")) == "x86_64\n")
        #expect(try FileTree.text(project.path("out/linux_arm64/made")) == "aarch64\n")
    }

    @Test(
        "root does not change what the machine has registered, and says what would help",
        .enabled(if: Machine.isRoot, Machine.needsRoot),
        .enabled(if: !isRegistered, "the machine has an emulator registered")
    )
    func root() throws {
        let project = try Project(try Self.dockerfile())
        let outcome = try project.fail("--platform", "linux/arm64", "-o", "out")
        #expect(outcome.errors.contains("`qemu-aarch64-static` is not registered with the kernel"), "\(outcome)")
        #expect(outcome.errors.contains("hint: as root: `apt-get install binfmt-support"), "\(outcome)")
        #expect(!FileTree.exists("/proc/sys/fs/binfmt_misc/qemu-aarch64"))
        try project.build("--isolation=single", "--platform", "linux/arm64", "-o", "out")
        #expect(try FileTree.text(project.path("out/made")) == "aarch64\n")
    }

    @Test("without an emulator the package to install is named", .enabled(if: !isRegistered, "one is registered"))
    func missing() throws {
        let project = try Project(try Self.dockerfile(), in: .single)
        let command = project.command(["--platform", "linux/arm64", "-o", "out", "."])
        let outcome = try command.through("/usr/bin/env", ["PATH=/nonexistent"]).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errors.contains("`qemu-aarch64-static` is not installed"), "\(outcome)")
        #expect(outcome.errors.contains("hint: as root: `apt-get install qemu-user-static`"), "\(outcome)")
    }

    @Test("without RUN no emulator is needed")
    func withoutSteps() throws {
        let project = try Project("FROM \(try BaseImages.foreign.get())\nCOPY x /x\n", ["x": "1\n"])
        try project.build("--platform", "linux/arm64", "-o", "out")
        #expect(try FileTree.text(project.path("out/x")) == "1\n")
    }
}
