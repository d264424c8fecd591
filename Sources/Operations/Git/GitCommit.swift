import BuildGraph

/// What a reference of a remote repository stands for at this moment.
package struct GitCommit: Hashable, Sendable {
    /// The full commit, lower-case hex.
    package let hash: String
    /// What to fetch: a full reference name, or the commit itself.
    let fetchName: String
    /// The object of the annotated tag that stands for the commit, if one does.
    var tag: String?

    /// Resolves `source`'s reference (spec/03 §3.3): a full commit is taken as it is; an exact `refs/…` goes before a
    /// branch, a branch before a tag; an annotated tag stands for its commit, and either may be what the checksum names.
    static func resolve(_ source: GitSource, _ git: GitProgram) async throws -> GitCommit {
        if source.fetchByCommit {
            guard let commit = source.checksum, isFull(commit) else { throw OperationError.gitFetchByCommit }
            return GitCommit(hash: commit.lowercased(), fetchName: commit)
        }
        let reference = try await find(source, git)
        if let checksum = source.checksum?.lowercased(), !reference.hash.hasPrefix(checksum),
            reference.tag?.hasPrefix(checksum) != true
        {
            throw OperationError.gitChecksum(expected: checksum, actual: reference.hash)
        }
        return reference
    }

    /// The branch or tag of the remote that the reference names; nil for a commit and for `HEAD`.
    var remoteName: String? {
        fetchName.hasPrefix("refs/heads/") || fetchName.hasPrefix("refs/tags/") ? fetchName : nil
    }

    private static func isFull(_ text: String) -> Bool {
        (text.count == 40 || text.count == 64) && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    private static func find(_ source: GitSource, _ git: GitProgram) async throws -> GitCommit {
        guard let name = source.reference, !name.isEmpty else {
            let lines = parse(try await git.run(["ls-remote", "--", source.url, "HEAD"]))
            guard let head = lines.first(where: { $0.name == "HEAD" }) else {
                throw OperationError.gitReference(url: git.redact(source.url), reference: "HEAD")
            }
            return GitCommit(hash: head.hash, fetchName: "HEAD")
        }
        if isFull(name) {
            return GitCommit(hash: name.lowercased(), fetchName: name)
        }
        let candidates = name.hasPrefix("refs/") ? [name] : [name, "refs/heads/\(name)", "refs/tags/\(name)"]
        let patterns = candidates.flatMap { [$0, $0 + "^{}"] }
        let lines = parse(try await git.run(["ls-remote", "--", source.url] + patterns))
        for candidate in [name, "refs/heads/\(name)", "refs/tags/\(name)"] {
            guard let found = lines.first(where: { $0.name == candidate }) else { continue }
            guard let commit = lines.first(where: { $0.name == candidate + "^{}" })?.hash else {
                return GitCommit(hash: found.hash, fetchName: candidate)
            }
            return GitCommit(hash: commit, fetchName: candidate, tag: found.hash)
        }
        throw OperationError.gitReference(url: git.redact(source.url), reference: name)
    }

    private static func parse(_ output: String) -> [(hash: String, name: String)] {
        output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            return fields.count == 2 ? (String(fields[0]), String(fields[1])) : nil
        }
    }
}
