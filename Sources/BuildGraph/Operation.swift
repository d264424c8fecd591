import OCI

/// What a vertex does to its inputs; the fields are those of LLB.
package enum Operation: Hashable, Sendable {
    /// Brings something in from outside: an image, a repository, a file, a directory.
    ///
    /// Has no inputs.
    case source(SourceOperation)
    /// Runs a process; the result is what became of its root mount.
    case exec(ExecOperation)
    /// Changes a tree of files, action by action; input 0 is the tree that is changed.
    case file(FileOperation)
    /// Stacks the changes of its inputs, the last one topmost.
    case merge
    /// The changes that lead from input 0 (lower) to input 1 (upper).
    case diff
}

extension Operation {
    /// The indices of inputs that the operation's own fields name.
    var referencedInputs: [Int] {
        switch self {
        case .source, .merge, .diff: []
        case .exec(let exec): exec.mounts.compactMap(\.input)
        case .file(let file): file.actions.flatMap(\.referencedInputs)
        }
    }
}
