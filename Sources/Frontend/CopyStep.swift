import BuildGraph
import OCI

/// The operands and flags of a `COPY` or `ADD` after expansion.
struct ExpandedOperands: Hashable, Sendable {
    /// The sources that are not documents.
    let paths: [String]
    /// The names of documents.
    let documents: [String]
    /// The destination as written, for the history.
    let writtenDestination: String
    /// The destination as an absolute path.
    let destination: String
    let chown: String?
    let chmod: String?
    let mode: ModeChange?
    let exclude: [String]

    /// What follows the keyword and `--parents` in the history.
    var historyText: String {
        var words: [String] = []
        if let chown { words.append("--chown=\(chown)") }
        if let chmod { words.append("--chmod=\(chmod)") }
        words += paths + documents.map { "<<\($0)" } + [writtenDestination]
        return " " + words.joined(separator: " ")
    }
}

/// The actions of a `COPY` or `ADD`, while they are put together.
struct CopyStep {
    let operands: ExpandedOperands
    let owner: Owner?
    private(set) var inputs: [VertexInput]
    private(set) var actions: [CopyAction] = []

    /// A step that changes the tree `root`.
    init(_ operands: ExpandedOperands, root: VertexInput) {
        self.operands = operands
        owner = operands.chown.map(Ownership.owner)
        inputs = [root]
    }

    /// Copies a path of the context, a stage or an image.
    mutating func copy(_ path: String, of source: VertexInput, parents: Bool, unpack: Bool) {
        var action = action(of: source, path: PathText.rooted(path))
        action.options.attemptUnpack = unpack
        if parents {
            let pivot = path.firstRange(of: "/./")
            let pattern = PathText.rooted(String(pivot.map { path[$0.upperBound...] } ?? path[...])).dropFirst()
            action.source = pivot.map { PathText.rooted(String(path[..<$0.lowerBound])) } ?? "/"
            // Without a pattern it is all of the root, whose parents need no mention.
            action.includePatterns = pattern.isEmpty ? [] : [String(pattern)]
            if !PathText.hasWildcard(String(pattern)) { action.requiredPaths = action.includePatterns }
        }
        actions.append(action)
    }

    /// Copies what was brought in from outside; nothing in a path is special there.
    mutating func copy(_ remote: RemoteFile, vertex: VertexInput, unpack: Bool) {
        var action = action(of: vertex, path: remote.path)
        action.options.contentsOnly = remote.isDirectory
        action.options.attemptUnpack = unpack && !remote.isDirectory
        action.options.makeLiteral()
        actions.append(action)
    }

    /// Copies a document.
    mutating func copy(document name: String, of source: VertexInput) {
        var action = action(of: source, path: PathText.rooted(name))
        action.options.contentsOnly = false
        action.options.makeLiteral()
        action.excludePatterns = []
        actions.append(action)
    }

    private mutating func action(of source: VertexInput, path: String) -> CopyAction {
        var action = CopyAction(
            input: index(of: source),
            source: path,
            destination: operands.destination,
            mode: operands.mode,
            owner: owner
        )
        action.excludePatterns = operands.exclude
        return action
    }

    /// The root itself has index 0 and is never shared, so that what is copied counts by content.
    private mutating func index(of input: VertexInput) -> Int? {
        guard input != .scratch else { return nil }
        if let known = inputs.dropFirst().firstIndex(of: input) { return known }
        inputs.append(input)
        return inputs.count - 1
    }
}

extension CopyOptions {
    fileprivate mutating func makeLiteral() {
        followSymlink = false
        allowWildcard = false
        allowEmptyWildcard = false
    }
}
