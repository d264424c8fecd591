import LinuxSystem
import Testing

@testable import Sandbox

@Suite struct SandboxPlanTests {
    private static let root = BuilderFacts(inUserNamespace: false, hasSingleID: false, controlGroups: .unified)
    private static let ranged = BuilderFacts(inUserNamespace: true, hasSingleID: false, controlGroups: .unified)
    private static let single = BuilderFacts(inUserNamespace: true, hasSingleID: true, controlGroups: .split)

    private func environment(_ facts: BuilderFacts) -> RunEnvironment {
        let layers = OverlayLayers(lower: ["/l/2", "/l/1"], upper: "/u", work: "/w", userxattr: facts.inUserNamespace)
        var process = RunProcess(arguments: ["true"], environment: ["PATH=/bin", "TOKEN=secret"])
        process.secretEnvironment = [Array("OTHER=secret".utf8)]
        return RunEnvironment(process: process, root: .overlay(layers), security: .sandbox(seccomp: [1]), facts: facts)
    }

    private func text(_ facts: BuilderFacts, _ change: (inout RunEnvironment) -> Void = { _ in }) -> String {
        var environment = environment(facts)
        change(&environment)
        return environment.plan.description
    }

    @Test func isPrintedWithoutSecrets() {
        let text = text(SandboxPlanTests.root) { $0.hosts = "127.0.0.1 localhost\n" }
        #expect(text.hasPrefix("namespaces: mount, cgroup, uts, ipc, pid\nmake mounts private\n"))
        #expect(text.contains("mount overlay of 2 layers as root\nmount `proc` on `/proc`\nhide `/proc/acpi`\n"))
        #expect(text.hasSuffix("variables: PATH TOKEN HOME OTHER\nexecute: [\"true\"]"))
        #expect(!text.contains("secret"))
    }

    @Test(arguments: [
        (root, "mount `sysfs` on `/sys`\nmount `cgroup2` on `/sys/fs/cgroup`"),
        (ranged, "mount `/sys` on `/sys`\nhide"),
        (single, "mount `/sys` on `/sys`\nhide"),
    ])
    func systemInformationDependsOnWhoOwnsTheNetwork(facts: BuilderFacts, expected: String) {
        #expect(text(facts).contains(expected))
        #expect(text(facts) { $0.network = .none }.contains("mount `sysfs` on `/sys`"))
    }

    @Test func networkNoneHasItsOwnNamespace() {
        let text = text(SandboxPlanTests.ranged) { $0.network = .none }
        #expect(text.hasPrefix("namespaces: mount, cgroup, uts, ipc, pid, net\n"))
        #expect(text.contains("start the loopback interface\nenter the new root"))
    }

    @Test func theUserIsRootWhereThereIsNoOther() {
        let user = StepUser(uid: 1000, gid: 50, groups: [50, 7])
        func identity(_ facts: BuilderFacts) -> StepIdentity? {
            var environment = environment(facts)
            environment.process.user = user
            guard case .identity(let identity)? = environment.plan.steps.last else { return nil }
            return identity
        }
        #expect(identity(SandboxPlanTests.ranged)?.uid == 1000)
        #expect(identity(SandboxPlanTests.ranged)?.groups == [50, 7])
        #expect(identity(SandboxPlanTests.single)?.uid == 0)
        #expect(identity(SandboxPlanTests.single)?.groups == nil)
    }

    @Test func insecureHidesNothing() {
        let text = text(SandboxPlanTests.root) { $0.security = .insecure }
        #expect(!text.contains("hide"))
        #expect(!text.contains("read-only"))
        #expect(!text.contains("seccomp"))
        #expect(text.contains("mount `/dev/kvm` on `/dev/kvm`"))
    }

    @Test func withoutNamespacesThereIsAChangedRootAndNothingIsMounted() {
        var facts = SandboxPlanTests.root
        facts.hasNamespaces = false
        var environment = environment(facts)
        environment.root = .path("/cache/trees/1/root")
        let plan = environment.plan
        #expect(plan.namespaces == [])
        #expect(plan.steps.first == .changeRoot("/cache/trees/1/root"))
        #expect(plan.steps.contains(.confine) && plan.steps.contains(.seccomp([1])))
        #expect(!plan.description.contains("mount"))
        guard case .identity(let identity)? = plan.steps.last else { return #expect(Bool(false)) }
        // With CAP_SYS_CHROOT the root could be left, and the builder, who has it, be traced.
        #expect(identity.bounding == Capabilities.standard.subtracting(.sysChroot))
    }

    @Test func mountsAreMadeParentsFirst() {
        let text = text(SandboxPlanTests.root) { environment in
            environment.mounts = (["/a/b", "/a", "/c"] as [Path]).map {
                RunMount(target: $0, content: .temporary(size: nil), readOnly: false)
            }
        }
        #expect(text.contains("`/a`\nmount `tmpfs` on `/a/b`\nmount `tmpfs` on `/c`\nset hostname"))
    }

    @Test(arguments: [
        (["A=1"], ["A=1", "HOME=/home/x"]),
        (["HOME=/mine", "A=1"], ["HOME=/mine", "A=1"]),
        (["HOME=", "A=1"], ["A=1", "HOME=/home/x"]),
    ])
    func homeIsAddedLast(given: [String], expected: [String]) {
        let user = StepUser(uid: 1, gid: 1, home: "/home/x")
        let process = RunProcess(arguments: [], environment: given, user: user)
        #expect(process.completeEnvironment == expected)
    }

    @Test(arguments: [
        (false, ["index=off", "metacopy=off", "redirect_dir=nofollow", "volatile"]),
        (true, ["index=off", "metacopy=off", "userxattr", "volatile"]),
    ])
    func overlayKeepsWholeFiles(userxattr: Bool, expected: [String]) {
        #expect(OverlayLayers(lower: [], userxattr: userxattr, volatile: true).options == expected)
    }

    @Test(arguments: [(0o400, true), (0o500, false)] as [(UInt32, Bool)])
    func aFileCanBeExecutedOnlyIfItsModeSaysSo(permissions: UInt32, noExecution: Bool) {
        let content = RunMount.Content.file([], permissions: permissions, uid: 0, gid: 0)
        guard case .file(let file) = RunMount(target: "/x", content: content, readOnly: false).step(devices: true)
        else {
            Issue.record("not a file")
            return
        }
        #expect(file.attributes.contains(.noExecution) == noExecution)
        #expect(file.attributes.contains([.readOnly, .noSetUID, .noDevices]))
    }

    @Test func isEncodedInWholeWords() {
        let bytes = PlanEncoder(environment(SandboxPlanTests.root).plan).bytes
        #expect(bytes.count % 8 == 0)
        #expect(bytes.prefix(8) == [0x53, 0x42, 0x50, 0x4c, 0x41, 0x4e, 0x30, 0x31])
    }

    @Test(
        arguments: [
            (0x0000, StepExit.exited(code: 0)),
            (0x0100, .exited(code: 1)),
            (0xff00, .exited(code: 255)),
            (0x0009, .signaled(number: 9)),
            (0x008b, .signaled(number: 11)),
        ] as [(Int32, StepExit)]
    )
    func waitStatusesAreUnderstood(status: Int32, expected: StepExit) {
        #expect(StepExit(waitStatus: status) == expected)
    }

    @Test func limitsHaveTheKernelsNumbers() {
        #expect(ResourceLimit(name: "nofile", soft: 1, hard: 2)?.resource == 7)
        #expect(ResourceLimit(name: "rttime", soft: 1, hard: 2)?.resource == 15)
        #expect(ResourceLimit(name: "files", soft: 1, hard: 2) == nil)
    }
}
