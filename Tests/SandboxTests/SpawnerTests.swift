import LinuxSystem
import Testing

@testable import Sandbox

@Suite(.enabled(if: StepSupport.isAvailable, "needs root and busybox"))
struct SpawnerTests {
    let fixture: StepFixture

    init() throws {
        fixture = try StepFixture()
    }

    @Test(arguments: [
        ("exit 0", StepExit.exited(code: 0)),
        ("exit 7", .exited(code: 7)),
        ("exit 255", .exited(code: 255)),
        // The first process of a namespace is immune to its own signals: a shell would still be there.
        ("kill -9 $$; exit 3", .exited(code: 3)),
    ])
    func reportsHowAProgramEnds(script: String, expected: StepExit) async throws {
        #expect(try await fixture.shell(script).exit == expected)
    }

    @Test(arguments: [
        ("echo $$", "1"),
        ("pwd", "/"),
        ("hostname", "buildkitsandbox"),
        ("env | grep -v -e PWD -e SHLVL", "HOME=/\nPATH=/usr/bin:/bin"),
        ("umask", "0022"),
        ("cat", ""),
        ("cat /proc/sys/kernel/hostname", "buildkitsandbox"),
        ("echo /proc/[0-9]*", "/proc/1"),
        ("ls -1 /proc/self/fd | wc -l", "4"),  // with the one that reads the directory
        ("cat /etc/resolv.conf", "nameserver 192.0.2.1"),
        ("echo x > /etc/hosts", "sh: can't create /etc/hosts: Read-only file system"),
        ("grep -e CapInh -e CapAmb /proc/self/status", "CapInh:\t0000000000000000\nCapAmb:\t0000000000000000"),
        ("grep CapBnd /proc/self/status", "CapBnd:\t00000000a80425fb"),
        ("grep CapEff /proc/self/status", "CapEff:\t00000000a80425fb"),
        ("grep -e NoNewPrivs -e Seccomp: /proc/self/status", "NoNewPrivs:\t0\nSeccomp:\t2"),
        ("unshare -U true", "unshare: unshare(0x10000000): Operation not permitted"),
        ("mount -t tmpfs x /tmp", "mount: permission denied (are you root?)"),
        ("echo x > /dev/full", "sh: write error: No space left on device"),
        ("stat -c %t:%T /dev/null /dev/tty", "1:3\n5:0"),
        ("readlink /dev/fd; readlink /dev/stderr; readlink /dev/ptmx", "/proc/self/fd\n/proc/self/fd/2\npts/ptmx"),
        ("ls /dev", "fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero"),
        ("stat -c %a /dev/shm", "1777"),
        ("mknod /tmp/disk b 8 0 && cat /tmp/disk", "cat: can't open '/tmp/disk': Permission denied"),
        ("mknod /dev/disk b 8 0 && cat /dev/disk", "cat: can't open '/dev/disk': Permission denied"),
        ("stat -c %t:%T /proc/timer_list", "1:3"),
        ("echo 1 > /proc/sys/kernel/printk", "sh: can't create /proc/sys/kernel/printk: Read-only file system"),
        ("ls /sys/firmware | wc -l", "0"),
        ("mkdir /sys/x", "mkdir: can't create directory '/sys/x': Read-only file system"),
        ("grep ' /sys ' /proc/mounts", "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0"),
        ("echo $(grep -c . /proc/net/dev) | grep -q . && echo yes", "yes"),
    ])
    func seesTheStandardEnvironment(script: String, expected: String) async throws {
        let output = try await fixture.shell(script)
        #expect(output.lines == expected.split(separator: "\n").map(String.init))
    }

    @Test(arguments: [
        (["nonexist"], #"exec: "nonexist": executable file not found in $PATH"#),
        ([""], #"exec: "": executable file not found in $PATH"#),
        (["passwd"], #"exec: "passwd": executable file not found in $PATH"#),
        (["/etc/passwd"], #"exec: "/etc/passwd": permission denied"#),
        (["/etc"], #"exec: "/etc": is a directory"#),
        (["/none"], #"exec: "/none": stat /none: no such file or directory"#),
        (["/bin/garbage"], "exec /bin/garbage: exec format error"),
        (["/bin/script"], "exec /bin/script: no such file or directory"),
    ])
    func writesWhyAProgramCannotBeExecuted(arguments: [String], expected: String) async throws {
        try fixture.write("bin/garbage", "\u{7f}ELF not really", mode: 0o755)
        try fixture.write("bin/script", "#!/none\n", mode: 0o755)
        let output = try await fixture.run(arguments)
        #expect(output.exit == .exited(code: 1))
        #expect(output.text == expected + "\n")
    }

    @Test func anotherUserHasNoCapabilitiesAndItsGroups() async throws {
        let lower = try Directory.open(fixture.path("lower"))
        let user = try UserDatabase.user("web", in: lower)
        let output = try await fixture.shell("id; grep CapEff /proc/self/status; echo $HOME; touch x; stat -c %u .") {
            $0.process.user = user
            $0.process.workingDirectory = "/srv/app"
        }
        #expect(
            output.lines == [
                "uid=1000(web) gid=1000(web) groups=7(extra),1000(web)", "CapEff:\t0000000000000000", "/home/web",
                "1000",
            ]
        )
        let upper = try Directory.open(fixture.path("upper"))
        #expect(try upper.status("srv").uid == 1000)
        #expect(try upper.status("srv/app/x").gid == 1000)
    }

    @Test func networkNoneHasOnlyLoopbackWhichIsUp() async throws {
        let output = try await fixture.shell(
            "ip -o link | grep -c .; ip -o link | grep -c LOOPBACK,UP; ls /sys/class/net"
        ) {
            $0.network = .none
        }
        #expect(output.lines == ["1", "1", "lo"])
    }

    @Test func unifiedControlGroupsAreMountedReadOnly() async throws {
        let output = try await fixture.shell(
            "grep -c ' /sys/fs/cgroup cgroup2 ro,' /proc/mounts; cat /proc/self/cgroup | grep ^0"
        ) {
            $0.facts.controlGroups = .unified
        }
        #expect(output.lines == ["1", "0::/"])
    }

    @Test func insecureHasEverythingThatTheBuilderHas() async throws {
        let script =
            "grep -e CapInh -e CapAmb -e CapEff -e Seccomp: /proc/self/status; mount -t tmpfs x /tmp && echo ok"
        let output = try await fixture.shell(script) { $0.security = .insecure }
        let sets = Set(output.lines.filter { $0.hasPrefix("Cap") }.map { $0.suffix(16) })
        #expect(sets.count == 1)
        #expect(sets != ["00000000a80425fb"])
        #expect(output.lines.suffix(2) == ["Seccomp:\t0", "ok"])
    }

    @Test func limitsAndSharedMemoryAreThoseAskedFor() async throws {
        let output = try await fixture.shell("ulimit -n; ulimit -Hn; grep ' /dev/shm ' /proc/mounts") {
            $0.process.limits = [ResourceLimit(name: "nofile", soft: 100, hard: 200)].compactMap { $0 }
            $0.sharedMemory = 1 << 20
        }
        #expect(output.lines.prefix(2) == ["100", "200"])
        #expect(output.lines.last?.contains("size=1024k") == true)
    }

    @Test func manyStepsRunAtOnce() async throws {
        let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
            for index in 0..<20 {
                var environment = try fixture.environment(["sh", "-c", "exit \(index)"])
                environment.root = .path(fixture.path("lower"))
                let plan = environment.plan
                group.addTask { try await self.fixture.run(plan).exit.code }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
        #expect(codes == Array(0..<20))
    }

    @Test func theErrorNamesTheStep() async throws {
        let plan = SandboxPlan(
            namespaces: [.mount, .process],
            steps: [.privateMounts, .root(.path("/none"), attachedAt: "/none", attributes: [])],
            arguments: ["true"],
            environment: []
        )
        let error = await #expect(throws: SandboxError.self) { try await fixture.run(plan) }
        #expect(error?.description == "cannot mount `/none` as root: no such file or directory")
    }

    @Test func manyLayersWithLongPathsAreOneRoot() async throws {
        let base = try Directory.open(fixture.directory)
        let long = String(repeating: "l", count: 200)
        let layers: [Path] = (0..<300).map { Path("layers/\(long)/\($0 == 7 ? long : "\($0)")") }
        for (index, layer) in layers.enumerated() {
            _ = try base.makeDirectories(layer.appending("\(index)"), mode: 0o755)
        }
        let paths = layers.map { fixture.directory.appending($0) }
        let output = try await fixture.shell("ls -d /[0-9]* | wc -l; ls -d /7") {
            guard case .overlay(var overlay) = $0.root else { return }
            overlay.lower = paths + overlay.lower
            $0.root = .overlay(overlay)
        }
        #expect(output.lines == ["300", "/7"])
    }

    @Test func aLargePlanIsHandedOver() async throws {
        let big = String(repeating: "x", count: 100_000)
        let output = try await fixture.shell("echo ${#BIG}; wc -c < /big") {
            $0.process.environment.append("BIG=\(big)")
            $0.mounts = [
                RunMount(
                    target: "/big",
                    content: .file([UInt8](repeating: 65, count: 4 << 20), permissions: 0o400, uid: 0, gid: 0),
                    readOnly: true
                )
            ]
        }
        #expect(output.lines == ["100000", "\(4 << 20)"])
    }
}
