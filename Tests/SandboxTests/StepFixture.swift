import Glibc
import LinuxSystem
import Sandbox
import Synchronization

/// Whether steps can be run here, and the reason if not.
enum StepSupport {
    static let reason: String? =
        if geteuid() != 0 {
            "needs root or a user namespace of one's own"
        } else if access("/bin/busybox", X_OK) != 0 {
            "needs a static /bin/busybox"
        } else if (try? Spawner.start()) == nil {
            "cannot start a spawner"
        } else {
            nil
        }

    static var isAvailable: Bool { reason == nil }
}

/// A root of busybox as the lower layer of an overlay, in a directory that is removed afterwards.
final class StepFixture: Sendable {
    let directory: Path
    let spawner: Spawner
    private let runs = Atomic(0)

    static let seccomp = Result { try SeccompProfile.program() }

    init() throws {
        var template = Array("/tmp/swbuild-sandbox-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("create temporary directory", code: errno) }
        directory = Path(bytes: template.dropLast().map { UInt8(bitPattern: $0) })
        spawner = try Spawner.start()
        let base = try Directory.open(directory)
        for path in ["upper", "work", "lower/bin", "lower/etc", "lower/tmp"] as [Path] {
            _ = try base.makeDirectories(path, mode: 0o755)
        }
        let lower = try Directory.open(path("lower"))
        let busybox = try FileDescriptor.open("/bin/busybox").readAll()
        try lower.openFile("bin/busybox", [.writeOnly, .create], mode: 0o755).writeAll(busybox)
        for name in StepFixture.applets { try lower.symlink(target: "busybox", at: Path("bin/\(name)")) }
        try write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n")
        try write("etc/group", "root:x:0:\nweb:x:1000:\nextra:x:7:web\n")
    }

    deinit {
        let directory = directory
        try? Directory.open(directory.parent).removeTree(directory.lastComponent ?? "")
    }

    func path(_ name: String) -> Path { directory.appending(name) }

    /// Writes a file of the lower layer.
    func write(_ path: Path, _ text: String, mode: UInt32 = 0o644) throws {
        let lower = try Directory.open(self.path("lower"))
        try lower.openFile(path, [.writeOnly, .create, .truncate], mode: mode).writeAll(Array(text.utf8))
    }

    /// The standard environment for a shell script, or for a program with arguments.
    func environment(_ arguments: [String]) throws -> RunEnvironment {
        // A volatile overlay does not wait for the disk, and wants a new directory each time.
        let work = Path("work/\(runs.add(1, ordering: .relaxed).newValue)")
        try Directory.open(directory).makeDirectory(work, mode: 0o755)
        let layers = OverlayLayers(
            lower: [path("lower")],
            upper: path("upper"),
            work: directory.appending(work),
            userxattr: false,
            volatile: true
        )
        var environment = RunEnvironment(
            process: RunProcess(arguments: arguments, environment: ["PATH=/usr/bin:/bin"]),
            root: .overlay(layers),
            security: .sandbox(seccomp: try StepFixture.seccomp.get()),
            facts: BuilderFacts.ofThisProcess(UserNamespace.Identity(kind: .initial, userxattr: false))
        )
        environment.hosts = NetworkFiles.hosts(hostname: environment.hostname)
        environment.resolverConfiguration = "nameserver 192.0.2.1\n"
        return environment
    }

    /// Runs a shell script in the standard environment.
    func shell(_ script: String, _ change: (inout RunEnvironment) -> Void = { _ in }) async throws -> StepOutput {
        try await run(["sh", "-c", script], change)
    }

    /// Runs a program in the standard environment.
    func run(_ arguments: [String], _ change: (inout RunEnvironment) -> Void = { _ in }) async throws -> StepOutput {
        var environment = try environment(arguments)
        change(&environment)
        return try await run(environment.plan)
    }

    /// Carries out a plan, and gives what it wrote; at most what fits into a pipe.
    func run(_ plan: SandboxPlan) async throws -> StepOutput {
        let output = try FileDescriptor.inMemory()
        let result = try await spawner.run(plan, standardOutput: output.raw, standardError: output.raw)
        try output.seek(to: 0)
        let text = String(decoding: try output.readAll(), as: UTF8.self)
        return StepOutput(exit: result.exit, text: text, createdMountPoints: result.createdMountPoints)
    }

    private static let applets = [
        "sh", "true", "false", "cat", "ls", "id", "env", "echo", "sleep", "mount", "pwd", "hostname", "stat", "unshare",
        "mkdir", "touch", "rm", "ln", "grep", "wc", "mknod", "readlink", "ip", "umask", "test", "yes", "ulimit", "kill",
        "tr",
    ]
}

/// What a step of a test did.
struct StepOutput: Equatable {
    var exit: StepExit
    var text: String
    var createdMountPoints: [Path]

    /// The lines written.
    var lines: [String] { text.split(separator: "\n").map(String.init) }
}
