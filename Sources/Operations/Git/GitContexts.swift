import BuildGraph
import Glibc
import LinuxSystem
import OCI
import Storage
import Synchronization

/// Git repositories as trees: pinned to a commit, and checked out as a snapshot, once for each commit.
///
/// A reference stands for the same commit all through a build.
package final class GitContexts: Sendable {
    private let cache: CacheDirectory
    private let secrets: SecretStore
    private let agents: SSHAgents
    private let scope: String
    private let resolved = Mutex<[GitSource: GitCommit]>([:])

    /// Repositories kept in `cache`.
    init(cache: CacheDirectory, secrets: SecretStore, agents: SSHAgents, scope: String) {
        self.cache = cache
        self.secrets = secrets
        self.agents = agents
        self.scope = scope
    }

    /// The same source with the full commit that its reference stands for now.
    package func pin(_ source: GitSource) async throws -> GitSource {
        let git = try await program(source)
        let commit = try await resolve(source, git)
        // By name now, since not every server gives a commit that is asked for by its id.
        let checkout = GitCheckout(source: source, commit: commit, git: git, mirrors: mirrors)
        try await fetch(checkout)
        var pinned = source
        pinned.reference = commit.hash
        return pinned
    }

    /// The tree of a pinned source, open for reading.
    package func tree(_ source: GitSource) async throws -> SourceTree {
        let snapshot = try await snapshot(of: source)
        return SourceTree(root: try cache.snapshots.mountReadOnly(snapshot).root.duplicate(), ownership: .kept)
    }

    /// All that counts for a cache key and that the source does not say itself: the commit that its reference stands
    /// for.
    func pin(of source: GitSource) async throws -> String {
        try await resolve(source, program(source)).hash
    }

    /// When the commit was made that a source's reference stands for, in seconds since 1970.
    func time(of source: GitSource) async throws -> Int64 {
        let git = try await program(source)
        let commit = try await resolve(source, git)
        let checkout = GitCheckout(source: source, commit: commit, git: git, mirrors: mirrors)
        return try await withMirror(checkout) {
            try await checkout.fetch()
            return try await checkout.time()
        }
    }

    private func resolve(_ source: GitSource, _ git: GitProgram) async throws -> GitCommit {
        if let commit = resolved.withLock({ $0[source] }) { return commit }
        let commit = try await GitCommit.resolve(source, git)
        return resolved.withLock { resolved in
            // Whoever was first has decided.
            let first = resolved[source] ?? commit
            resolved[source] = first
            return first
        }
    }

    /// The checkout of a source as a snapshot.
    func snapshot(of source: GitSource) async throws -> Snapshot {
        let git = try await program(source)
        let commit = try await resolve(source, git)
        let fields = [
            "git", scope, source.url, commit.hash, source.subdirectory ?? "",
            source.keepGitDirectory ? "\(commit.remoteName ?? "detached")" : "bare", "\(source.submodules)",
            source.fileTimes.rawValue,
        ]
        // Its digest, since a URL may hold credentials and keys are kept.
        let key = "git \(Digest.sha256(of: fields.joined(separator: "\n")))"
        return try await cache.locks.withKey(key) {
            if let layer = try cache.snapshots.find(key: key) { return Snapshot(layers: [layer]) }
            return try await checkOut(source, commit, git, key)
        }
    }

    private func fetch(_ checkout: GitCheckout) async throws {
        try await withMirror(checkout) { try await checkout.fetch() }
    }

    /// Runs `body` while nobody else changes the copy of the repository, which stays until this process ends.
    private func withMirror<R: Sendable>(_ checkout: GitCheckout, _ body: () async throws -> R) async throws -> R {
        let url = checkout.source.url
        return try await cache.locks.withKey("git \(url)") {
            try cache.mirrors.use(url, shownURL: checkout.git.redact(url))
            return try await body()
        }
    }

    private func checkOut(
        _ source: GitSource,
        _ commit: GitCommit,
        _ git: GitProgram,
        _ key: String
    ) async throws -> Snapshot {
        let checkout = GitCheckout(source: source, commit: commit, git: git, mirrors: mirrors)
        try await fetch(checkout)
        let active = try cache.snapshots.prepare(parent: .empty)
        guard let subdirectory = source.subdirectory else {
            try await checkout.checkOut(into: active.upperPath)
            return try cache.snapshots.commit(active, key: key, description: "git \(commit.hash)", kind: .gitCheckout)
        }
        let temporary = try cache.makeTemporaryDirectory()
        try await checkout.checkOut(into: temporary.path)
        try Self.move(Path(subdirectory), of: temporary.directory, to: active.upper)
        return try cache.snapshots.commit(active, key: key, description: "git \(commit.hash)", kind: .gitCheckout)
    }

    /// Moves what is in a subdirectory of a checkout; each part of its path must be a directory, and none a link
    /// (CVE-2026-33748).
    private static func move(
        _ subdirectory: Path,
        of checkout: borrowing Directory,
        to target: borrowing Directory
    ) throws {
        let directory: Directory
        do throws(SystemError) {
            let parts = subdirectory.string.split(separator: "/")
            if parts.contains("..") { throw SystemError("open", subdirectory, code: ENOTDIR) }
            directory = try checkout.openDirectory(Path(parts.joined(separator: "/")), .noSymlinks)
        } catch {
            throw OperationError.subdirectory(subdirectory.string)
        }
        for entry in try directory.entries() { try directory.rename(entry.name, to: entry.name, in: target) }
    }

    private var mirrors: Path { cache.mirrors.path }

    /// Git with what opens the source's host: the agent that the build has for it (else the caller's own), or secrets.
    private func program(_ source: GitSource) async throws -> GitProgram {
        let isSSH = source.url.hasPrefix("ssh://") || !source.url.contains("://")
        let agent = isSSH ? try await agents.socket(source.sshAgent ?? "default") : nil
        let authorization = try GitAuthorization(source).value(in: secrets)
        return GitProgram(url: source.url, authorization: authorization, agent: agent?.path)
    }
}
