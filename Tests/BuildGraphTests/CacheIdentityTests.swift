import BuildGraph
import OCI
import Testing

/// What counts for the cache, and what doesn't: spec/05 §5.2 and §5.3.
struct CacheIdentityTests {
    /// A change of an operation, by name.
    struct Change<Value>: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout Value) -> Void

        init(_ what: String, _ apply: @escaping @Sendable (inout Value) -> Void) {
            testDescription = what
            self.apply = apply
        }
    }

    /// Two operations, each made by a change of the same one.
    struct Pair: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let one: @Sendable (inout ExecOperation) -> Void
        let other: @Sendable (inout ExecOperation) -> Void

        init(
            _ what: String,
            _ one: @escaping @Sendable (inout ExecOperation) -> Void,
            _ other: @escaping @Sendable (inout ExecOperation) -> Void
        ) {
            testDescription = what
            self.one = one
            self.other = other
        }
    }

    static func bind(_ source: String, input: Int = 1) -> ExecMount {
        ExecMount(target: "/m", kind: .bind(BindMount(input: input, source: source)), readOnly: true)
    }

    static func cache(_ change: (inout CacheMount) -> Void) -> ExecMount {
        var cache = CacheMount(id: "/m")
        change(&cache)
        return ExecMount(target: "/m", kind: .cache(cache), readOnly: false)
    }

    static func secret(id: String = "s", mode: UInt32 = 0o400) -> ExecMount {
        ExecMount(
            target: "/run/secrets/s",
            kind: .secret(ForwardedFile(id: id, mode: mode, optional: true)),
            readOnly: true
        )
    }

    static let execChanges: [Change<ExecOperation>] = [
        Change("arguments", { $0.arguments = ["make"] }),
        Change("environment", { $0.environment = ["A=1", "B=3"] }),
        Change("the order of the environment", { $0.environment = ["B=2", "A=1"] }),
        Change("working directory", { $0.workingDirectory = "/w" }),
        Change("user", { $0.user = "1000" }),
        Change("hostname", { $0.hostname = "h" }),
        Change("network", { $0.network = .none }),
        Change("security", { $0.security = .insecure }),
        Change("an extra host's name", { $0.extraHosts = [ExtraHost(name: "h", address: "::1")] }),
        Change("a secret variable", { $0.secretEnvironment = [SecretVariable(name: "T", id: "t", optional: true)] }),
        Change("a device", { $0.devices = [DeviceRequest(name: "v/gpu=0", optional: false)] }),
        Change("a ulimit", { $0.limits.ulimits = [Ulimit(name: "nofile", soft: 1, hard: 1)] }),
        Change("the size of shm", { $0.limits.shmSize = 1 << 20 }),
        Change("the parent control group", { $0.limits.cgroupParent = "g" }),
        Change("valid exit codes", { $0.validExitCodes = [3] }),
        Change("a mount", { $0.mounts.append(bind("/")) }),
        Change("a tmpfs", { $0.mounts.append(ExecMount(target: "/t", kind: .tmpfs(size: nil), readOnly: false)) }),
        Change("a secret", { $0.mounts.append(secret()) }),
    ]

    static let equalExecs: [Pair] = [
        Pair(
            "an extra host's address",
            { $0.extraHosts = [ExtraHost(name: "h", address: "::1")] },
            { $0.extraHosts = [ExtraHost(name: "h", address: "::2")] }
        ),
        Pair("proxies", { _ in }, { $0.proxyEnvironment = ["HTTP_PROXY=http://p"] }),
        Pair(
            "the source of a bind mount, which counts by content",
            { $0.mounts.append(bind("/a")) },
            { $0.mounts.append(bind("/b")) }
        ),
        Pair(
            "a chosen id of a cache mount",
            { $0.mounts.append(cache { $0.id = "one" }) },
            { $0.mounts.append(cache { $0.id = "two" }) }
        ),
        Pair(
            "the sharing of a cache mount",
            { $0.mounts.append(cache { $0.sharing = .locked }) },
            { $0.mounts.append(cache { $0.sharing = .private }) }
        ),
    ]

    static let differentMounts: [Pair] = [
        Pair(
            "the source of a bind mount of the root's input",
            { $0.mounts.append(bind("/a", input: 0)) },
            { $0.mounts.append(bind("/b", input: 0)) }
        ),
        Pair("which input is mounted", { $0.mounts.append(bind("/a", input: 0)) }, { $0.mounts.append(bind("/a")) }),
        Pair(
            "the owner of a cache mount",
            { $0.mounts.append(cache { _ in }) },
            { $0.mounts.append(cache { $0.uid = 1000 }) }
        ),
        Pair(
            "the mode of a cache mount",
            { $0.mounts.append(cache { _ in }) },
            { $0.mounts.append(cache { $0.mode = 0o700 }) }
        ),
        Pair(
            "the namespace of a default cache mount",
            { $0.mounts.append(cache { _ in }) },
            { $0.mounts.append(cache { $0.id = "ns//m" }) }
        ),
        Pair("the id of a secret", { $0.mounts.append(secret()) }, { $0.mounts.append(secret(id: "t")) }),
        Pair("the mode of a secret", { $0.mounts.append(secret()) }, { $0.mounts.append(secret(mode: 0o444)) }),
    ]

    static let copyChanges: [Change<CopyAction>] = [
        Change("the source's name", { $0.source = "/src/b.txt" }),
        Change("destination", { $0.destination = "/other/" }),
        Change("mode", { $0.mode = .absolute(0o644) }),
        Change("symbolic mode", { $0.mode = .symbolic("+x") }),
        Change("owner", { $0.owner = .root }),
        Change("owner by name", { $0.owner = Owner(user: .name("me", input: 0), group: nil) }),
        Change("time", { $0.timestamp = 0 }),
        Change("include patterns", { $0.includePatterns = ["*.c"] }),
        Change("exclude patterns", { $0.excludePatterns = ["*.c"] }),
        Change("unpacking", { $0.options.attemptUnpack = true }),
        Change("replacing", { $0.options.alwaysReplaceExisting = true }),
        Change("the input", { $0.input = 0 }),
    ]

    @Test(arguments: execChanges)
    func aChangeOfAnExecCounts(change: Change<ExecOperation>) {
        #expect(Sample.exec(change.apply).cacheIdentity != Sample.exec().cacheIdentity)
        #expect(Sample.exec(change.apply).id != Sample.exec().id)
    }

    @Test(arguments: equalExecs)
    func aDifferenceOfExecsDoesNotCount(pair: Pair) {
        #expect(Sample.exec(pair.one).cacheIdentity == Sample.exec(pair.other).cacheIdentity)
        #expect(Sample.exec(pair.one).id != Sample.exec(pair.other).id)
    }

    @Test(arguments: differentMounts)
    func aDifferenceOfMountsCounts(pair: Pair) {
        #expect(Sample.exec(pair.one).cacheIdentity != Sample.exec(pair.other).cacheIdentity)
    }

    @Test func thePlatformOfAnExecCounts() {
        let operation = Operation.exec(ExecOperation(arguments: ["x"]))
        let arm = Sample.vertex(operation, platform: Platform(os: "linux", architecture: "arm64"))
        #expect(arm.cacheIdentity != Sample.vertex(operation, platform: Sample.linux).cacheIdentity)
    }

    @Test(arguments: copyChanges)
    func aChangeOfACopyCounts(change: Change<CopyAction>) {
        #expect(Sample.copy(change.apply).cacheIdentity != Sample.copy().cacheIdentity)
    }

    @Test(arguments: ["/other/a.txt", "/a.txt", "/src/a.txt/"])
    func theDirectoryOfACopySourceDoesNotCount(source: String) {
        #expect(Sample.copy { $0.source = source }.cacheIdentity == Sample.copy().cacheIdentity)
    }

    @Test func theSourceOfACopyWithinTheTreeCounts() {
        let one = Sample.copy {
            $0.input = 0
            $0.source = "/a/f"
        }
        let other = Sample.copy {
            $0.input = 0
            $0.source = "/b/f"
        }
        #expect(one.cacheIdentity != other.cacheIdentity)
    }

    @Test func theNameOfAnImageDoesNotCountButItsManifestDoes() throws {
        let alpine = Sample.vertex(try Sample.image())
        #expect(Sample.vertex(try Sample.image("example.com/a:2")).cacheIdentity == alpine.cacheIdentity)
        #expect(
            Sample.vertex(try Sample.image(manifest: .sha256(of: "other"))).cacheIdentity != alpine.cacheIdentity
        )
    }

    @Test func anImageInALayoutIsTheSameForTheCache() throws {
        let layout = Sample.vertex(
            .source(.ociLayout(path: "/x", manifest: Sample.manifest, platform: Sample.linux))
        )
        #expect(layout.cacheIdentity == Sample.vertex(try Sample.image()).cacheIdentity)
        #expect(layout.id != Sample.vertex(try Sample.image()).id)
    }

    @Test func whatOnlyTheWorldKnowsHasNoIdentityOfItsOwn() {
        let url = "https://example.com/f"
        let pinned = HTTPSource(url: url, checksum: .sha256(of: "f"))
        #expect(Sample.vertex(.source(.local(LocalSource(name: "context")))).cacheIdentity == nil)
        #expect(Sample.vertex(.source(.git(GitSource(url: url)))).cacheIdentity == nil)
        #expect(Sample.vertex(.source(.http(HTTPSource(url: url)))).cacheIdentity == nil)
        #expect(Sample.vertex(.source(.http(pinned))).cacheIdentity != nil)
    }

    @Test func aPinnedGitReferenceCountsByItsCommitUnlessTheGitDirectoryIsKept() {
        func identity(_ reference: String, _ pin: String, keepGitDirectory: Bool) -> Digest {
            var git = GitSource(url: "https://example.com/r.git", reference: reference)
            git.keepGitDirectory = keepGitDirectory
            return Sample.vertex(.source(.git(git))).cacheIdentity(pinnedTo: pin)
        }
        #expect(
            identity("main", "c1", keepGitDirectory: false) == identity("v1", "c1", keepGitDirectory: false)
        )
        #expect(
            identity("main", "c1", keepGitDirectory: false) != identity("main", "c2", keepGitDirectory: false)
        )
        #expect(identity("main", "c1", keepGitDirectory: true) != identity("v1", "c1", keepGitDirectory: true))
    }

    @Test func keysDependOnEveryInputInItsPlace() {
        let identity = Digest.sha256(of: "operation")
        let key = CacheKey(digest: .sha256(of: "a"))
        let content = Digest.sha256(of: "a")
        let keys = [
            CacheKey(identity: identity, inputs: []),
            CacheKey(identity: identity, inputs: [.scratch]),
            CacheKey(identity: identity, inputs: [.key(key)]),
            CacheKey(identity: identity, inputs: [.content(content)]),
            CacheKey(identity: identity, inputs: [.key(key), .content(content)]),
            CacheKey(identity: identity, inputs: [.content(content), .key(key)]),
            CacheKey(identity: .sha256(of: "other"), inputs: []),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
