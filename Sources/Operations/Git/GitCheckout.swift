import BuildGraph
import LinuxSystem
import Storage

/// Fetches a commit into a mirror that is kept, and checks it out (spec/03 §3.3).
struct GitCheckout {
    let source: GitSource
    let commit: GitCommit
    let git: GitProgram
    /// The directory of the cache in which mirrors are kept, one bare repository per URL.
    let mirrors: Path

    /// The mirror of the source's repository.
    var mirror: Path { mirrors.appending(GitMirrors.name(of: source.url)) }

    /// Brings the commit into the mirror, unless it is there.
    ///
    /// The caller holds the lock of the mirror.
    func fetch() async throws {
        try removeLeftovers()
        if (try? FileStatus.of(mirror.appending("HEAD"))) == nil {
            let unfinished = Path(mirror.string + ".new")
            try Directory.open(mirrors).removeTree("\(unfinished.lastComponent ?? "")")
            try await git.run(["init", "--quiet", "--template=", "--bare", unfinished.string])
            try Directory.open(mirrors).rename("\(unfinished.lastComponent ?? "")", to: mirror.lastComponent ?? "")
        }
        let repository = "--git-dir=\(mirror.string)"
        let present = try? await git.run([repository, "cat-file", "-e", commit.hash + "^{commit}"])
        if present == nil {
            try await fetch(repository)
        }
        // A name of its own keeps the commit from being collected and lets the checkout fetch it.
        try await git.run([repository, "update-ref", "refs/swbuild/\(commit.hash)", commit.hash])
    }

    /// Removes what a Git that was killed has left: its locks, since whoever is here holds the lock of the mirror.
    private func removeLeftovers() throws {
        guard let directory = try? Directory.open(mirror) else { return }
        for name: Path in ["shallow.lock", "packed-refs.lock", "config.lock", "HEAD.lock"] {
            try directory.removeTree(name)
        }
        guard let references = try? directory.openDirectory("refs/swbuild", .noSymlinks) else { return }
        for entry in try references.entries() where entry.name.string.hasSuffix(".lock") {
            try references.remove(entry.name)
        }
    }

    private func fetch(_ repository: String) async throws {
        let base = [repository, "fetch", "--quiet", "--no-tags", "--force"]
        do {
            try await git.run(base + ["--depth=1", "--", source.url, commit.fetchName])
        } catch OperationError.git {
            // Servers that give no single commits, and those that know no shallow copies.
            try await git.run(base + ["--", source.url, "+refs/*:refs/remotes/origin/*"])
        }
    }

    /// Checks the commit out into `directory`, an empty directory of the caller's.
    func checkOut(into directory: Path) async throws {
        try await git.run(["init", "--quiet", "--template=", directory.string])
        try await git.run(["remote", "add", "origin", git.redact(source.url)], in: directory)
        try await git.run(
            ["fetch", "--quiet", "--depth=1", "--", mirror.string, "refs/swbuild/\(commit.hash)"],
            in: directory
        )
        try await git.run(["checkout", "--quiet", "--force", "--detach", commit.hash], in: directory)
        let opened = try Directory.open(directory)
        if source.submodules, try opened.statusIfExists(".gitmodules") != nil {
            try await git.run(
                ["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"],
                in: directory
            )
        }
        if source.keepGitDirectory, source.subdirectory == nil {
            try await tidy(directory)
        } else {
            try await BlockingThread.run("git-clean") { flag in
                try Self.removeGitDirectories(Directory.open(directory), flag)
            }
        }
        if source.fileTimes == .commit { try await setTimes(directory) }
    }

    /// Makes a Git directory that is kept what a clone from the remote would be: it knows the branch or tag by its name,
    /// and nothing of this machine.
    private func tidy(_ directory: Path) async throws {
        if let name = commit.remoteName { try await git.run(["update-ref", name, commit.hash], in: directory) }
        try await git.run(["reflog", "expire", "--all", "--expire=now"], in: directory)
        let opened = try Directory.open(directory)
        for name: Path in [".git/FETCH_HEAD", ".git/ORIG_HEAD"] { try opened.removeTree(name) }
    }

    /// Gives every file the time of the commit.
    private func setTimes(_ directory: Path) async throws {
        let time = FileTime(seconds: try await time())
        try await BlockingThread.run("git-times") { flag in
            try Self.setTimes(time, below: Directory.open(directory), flag)
        }
    }

    /// When the commit, which is in the mirror, was made, in seconds since 1970.
    func time() async throws -> Int64 {
        let text = try await git.run(["--git-dir=\(mirror.string)", "show", "-s", "--format=%ct", commit.hash])
        guard let seconds = Int64(text.prefix { $0.isNumber }) else {
            throw OperationError.git(arguments: ["show"], message: "the commit has no time")
        }
        return seconds
    }

    private static func setTimes(
        _ time: FileTime,
        below directory: borrowing Directory,
        _ flag: CancellationFlag
    ) throws {
        try flag.check()
        for entry in try directory.entries() {
            if try (entry.kind ?? directory.status(entry.name).kind) == .directory {
                try setTimes(time, below: try directory.openDirectory(entry.name, .noSymlinks), flag)
            }
            try directory.setTimes(entry.name, modified: time)
        }
    }

    /// Removes `.git` of the repository and of its submodules.
    private static func removeGitDirectories(_ directory: borrowing Directory, _ flag: CancellationFlag) throws {
        try flag.check()
        for entry in try directory.entries() {
            if entry.name == ".git" {
                try directory.removeTree(entry.name)
            } else if try (entry.kind ?? directory.status(entry.name).kind) == .directory {
                try removeGitDirectories(try directory.openDirectory(entry.name, .noSymlinks), flag)
            }
        }
    }
}
