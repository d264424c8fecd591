import BuildGraph

/// What a reference of a remote repository stands for at this moment.
package struct GitCommit: Hashable, Sendable {
    /// The full commit, lower-case hex.
    package let hash: String
    /// What to fetch: a full reference name, or the commit itself.
    let fetchName: String

    /// Resolves `source`'s reference (spec/03 §3.3): a full commit is taken as it is; an exact `refs/…` goes before a
    /// branch, a branch before a tag; an annotated tag stands for its commit.
    static func resolve(_ source: GitSource, _ git: GitProgram) async throws -> GitCommit {
        let reference = try await find(source, git)
        if let checksum = source.checksum, !reference.hash.hasPrefix(checksum) {
            throw OperationError.gitChecksum(expected: checksum, actual: reference.hash)
        }
        return reference
    }

    private static func find(_ source: GitSource, _ git: GitProgram) async throws -> GitCommit {
        guard let name = source.reference, !name.isEmpty else {
            let lines = parse(try await git.run(["ls-remote", "--", source.url, "HEAD"]))
            guard let head = lines.first(where: { $0.name == "HEAD" }) else {
                throw OperationError.gitReference(url: git.redact(source.url), reference: "HEAD")
            }
            return GitCommit(hash: head.hash, fetchName: "HEAD")
        }
        if name.count == 40 || name.count == 64, name.allSatisfy(\.isHexDigit) {
            return GitCommit(hash: name.lowercased(), fetchName: name)
        }
        let candidates = name.hasPrefix("refs/") ? [name] : [name, "refs/heads/\(name)", "refs/tags/\(name)"]
        let patterns = candidates.flatMap { [$0, $0 + "^{}"] }
        let lines = parse(try await git.run(["ls-remote", "--", source.url] + patterns))
        for candidate in [name, "refs/heads/\(name)", "refs/tags/\(name)"] {
            guard let found = lines.first(where: { $0.name == candidate }) else { continue }
            let commit = lines.first { $0.name == candidate + "^{}" }?.hash ?? found.hash
            return GitCommit(hash: commit, fetchName: candidate)
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
