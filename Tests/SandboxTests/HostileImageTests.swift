import Glibc
import LinuxSystem
import Testing

@testable import Sandbox

/// Images and sources that try to lead the builder outside of the root (spec/15).
@Suite(.enabled(if: StepSupport.isAvailable, "needs root and busybox"))
struct HostileImageTests {
    let fixture: StepFixture
    let lower: Path

    init() throws {
        fixture = try StepFixture()
        lower = fixture.path("lower")
        let base = try Directory.open(fixture.directory)
        _ = try base.makeDirectories("outside/sub", mode: 0o755)
    }

    private func link(_ target: Path, at path: Path) throws {
        let root = try Directory.open(lower)
        try? root.removeTree(path)
        _ = try root.makeDirectories(path.parent, mode: 0o755)
        try root.symlink(target: target, at: path)
    }

    private func outside() throws -> [String] {
        try Directory.open(fixture.path("outside")).entries().map(\.name.string).sorted()
    }

    @Test(arguments: ["/proc", "/sys"]) func aLinkIsNoPlaceForTheKernelsFiles(path: Path) async throws {
        try link("/etc", at: path)
        let error = await #expect(throws: SandboxError.self) { try await fixture.shell("true") }
        #expect(error?.description.contains("on `\(path)`: too many levels of symbolic links") == true)
    }

    @Test(
        arguments: [
            "/dev", "/etc/resolv.conf", "/etc/hosts", "/etc", "/run/secrets", "/run", "/work",
        ] as [Path]
    )
    func targetsBehindLinksStayInside(path: Path) async throws {
        try link(fixture.path("outside"), at: path)
        let output = try await fixture.shell("cat /run/secrets/token; touch /work/dir/file; cat /etc/hosts | wc -l") {
            $0.process.workingDirectory = "/work/dir"
            $0.mounts = [
                RunMount(
                    target: "/run/secrets/token",
                    content: .file(Array("secret\n".utf8), permissions: 0o400, uid: 0, gid: 0),
                    readOnly: true
                )
            ]
        }
        #expect(output.lines == ["secret", "2"])
        #expect(try outside() == ["sub"])
    }

    @Test(arguments: ["../../../../outside", "/../../outside/x", "a/b/../../../outside"] as [Path])
    func danglingLinksAreCreatedInside(target: Path) async throws {
        try link(target, at: "/etc/resolv.conf")
        let output = try await fixture.shell("cat /etc/resolv.conf")
        #expect(output.text == "nameserver 192.0.2.1\n")
        #expect(try outside() == ["sub"])
        try MountPoints.remove(output.createdMountPoints, from: try Directory.open(fixture.path("upper")))
        let left = try Directory.open(fixture.path("upper")).entries().map(\.name.string)
        #expect(!left.contains("outside"))
    }

    @Test func aLoopOfLinksIsAnError() async throws {
        try link("/etc/b", at: "/etc/a")
        try link("/etc/a", at: "/etc/b")
        await #expect(throws: SandboxError.self) {
            try await fixture.shell("true") {
                $0.mounts = [RunMount(target: "/etc/a/x", content: .temporary(size: nil), readOnly: false)]
            }
        }
    }

    @Test(
        arguments: [
            ("link", "inside"),
            ("up", "inside"),
            ("sub", "sub"),
        ] as [(Path, String)]
    )
    func aPartOfASourceIsFoundInsideOfIt(subpath: Path, expected: String) async throws {
        let base = try Directory.open(fixture.directory)
        _ = try base.makeDirectories("source/sub", mode: 0o755)
        _ = try base.makeDirectories("source/outside", mode: 0o755)
        try base.symlink(target: "/outside", at: "source/link")
        try base.symlink(target: "../../../outside", at: "source/up")
        try base.openFile("source/outside/inside", [.writeOnly, .create], mode: 0o644).writeAll([])
        try base.openFile("source/sub/sub", [.writeOnly, .create], mode: 0o644).writeAll([])
        let source = fixture.path("source")
        let layers = OverlayLayers(lower: [source, fixture.path("outside")], userxattr: false)
        for content in [
            RunMount.Content.bind(.path(source), subpath: subpath), .bind(.overlay(layers), subpath: subpath),
        ] {
            let output = try await fixture.shell("ls /m") {
                $0.mounts = [RunMount(target: "/m", content: content, readOnly: true)]
            }
            #expect(output.lines == [expected])
        }
    }

    @Test(arguments: ["/proc/self/fd/3", "/proc/self/fd/5", "/proc/1/root", "/proc/self/cwd"] as [Path])
    func magicLinksAreNoWorkingDirectory(path: Path) async throws {
        await #expect(throws: SandboxError.self) {
            try await fixture.shell("pwd") { $0.process.workingDirectory = path }
        }
    }

    @Test func theBuildersExecutableCannotBeOverwritten() async throws {
        let process = try Directory.open("/proc/\(fixture.spawner.process)")
        let isCopy = try process.readLink("exe").string.hasPrefix("/memfd:")
        let isReadOnly = chmod("/proc/\(fixture.spawner.process)/exe", 0o755) == -1 && errno == EROFS
        #expect(isCopy || isReadOnly)
        try fixture.write("bin/trap", "#!/proc/self/exe\n", mode: 0o755)
        #expect(try await fixture.run(["/bin/trap"]).exit != .exited(code: 0))
    }

    @Test func theBuildersEnvironmentIsNotSeen() async throws {
        let output = try await fixture.shell("cat /proc/1/environ | tr '\\0' '\\n'")
        #expect(output.lines == ["PATH=/usr/bin:/bin", "HOME=/"])
    }

    @Test func mountPointsAreRemovedUnlessUsed() async throws {
        let output = try await fixture.shell("echo x > /a/b/file") {
            $0.mounts = [
                RunMount(target: "/a/b/c", content: .temporary(size: nil), readOnly: false),
                RunMount(target: "/d/e", content: .temporary(size: 4096), readOnly: false),
            ]
        }
        #expect(output.createdMountPoints.suffix(5) == ["/a", "/a/b", "/a/b/c", "/d", "/d/e"])
        let upper = try Directory.open(fixture.path("upper"))
        try MountPoints.remove(output.createdMountPoints, from: upper)
        // The image has /etc.
        #expect(try upper.entries().map(\.name.string).sorted() == ["a", "etc"])
        #expect(try upper.openDirectory("a/b").entries().map(\.name.string) == ["file"])
        #expect(try upper.openDirectory("etc").entries().isEmpty)
    }

    @Test func mountPointsBehindNewLinksAreLeftAlone() async throws {
        let victim = fixture.path("outside")
        let upper = try Directory.open(fixture.path("upper"))
        try upper.symlink(target: victim, at: "a")
        try upper.makeDirectory("kept", mode: 0o755)
        try upper.openFile("kept/full", [.writeOnly, .create], mode: 0o644).writeAll([1])
        try MountPoints.remove(["/a/sub", "/gone/x", "/kept", "/kept/full"], from: upper)
        #expect(try outside() == ["sub"])
        #expect(try upper.entries().map(\.name.string).sorted() == ["a", "kept"])
    }

    @Test func removingKeepsTheTimeOfTheParent() throws {
        let upper = try Directory.open(fixture.path("upper"))
        _ = try upper.makeDirectories("a/b", mode: 0o755)
        try upper.setTimes("a", modified: FileTime(seconds: 1000))
        try MountPoints.remove(["/a/b"], from: upper)
        #expect(try upper.status("a").modified.seconds == 1000)
    }
}
