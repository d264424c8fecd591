import Testing

/// An OCI layout or archive that swbuild wrote, looked at with `tar` and `jq`.
struct LayoutView {
    let scratch = Scratch()
    private let root: String

    /// Looks at a layout directory.
    init(directory: String) { root = directory }

    /// Unpacks an archive and looks at it.
    init(archive: String) throws {
        root = try scratch.directory("layout")
        try Command.check("tar", ["-C", root, "-xf", archive])
    }

    /// The file of a blob.
    func file(_ digest: String) -> String { "\(root)/blobs/\(digest.split(separator: ":").joined(separator: "/"))" }

    /// What `jq -c` gives for a filter on the index, the manifest or the config.
    func index(_ filter: String) throws -> String { try jq(filter, "\(root)/index.json") }
    func manifest(_ filter: String) throws -> String { try jq(filter, file(try index(".manifests[0].digest"))) }
    func config(_ filter: String) throws -> String { try jq(filter, file(try manifest(".config.digest"))) }

    /// The entries of a layer as `tar -tv` shows them with numeric owners: mode, owner and name.
    func entries(layer: Int) throws -> [String] {
        let listing = try Command.check(
            "tar",
            ["--numeric-owner", "--quoting-style=literal", "-tvf", file(try manifest(".layers[\(layer)].digest"))]
        )
        return listing.split(separator: "\n").map { line in
            let columns = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard columns.count == 6 else { return String(line) }
            return "\(columns[0]) \(columns[1]) \(columns[5])"
        }
    }

    /// Every blob's name is the digest of its bytes.
    func expectSoundBlobs(at location: SourceLocation = #_sourceLocation) throws {
        let wrong = try Command.shell(
            "cd \"$1/blobs/sha256\"; for b in *; do echo \"$b  $b\"; done | sha256sum --quiet -c 2>&1 || true",
            [root]
        )
        #expect(wrong == "", sourceLocation: location)
    }

    private func jq(_ filter: String, _ file: String) throws -> String {
        String(try Command.check("jq", ["-rc", filter, file]).dropLast())
    }
}
