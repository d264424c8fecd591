import BuildGraph
import LinuxSystem

/// What a walk over a selected item hands out, in the order of names, parents first.
protocol SourceVisitor {
    /// A directory, before what is in it. `path` is relative to the item (empty for the item itself).
    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: borrowing Directory) throws
    /// The directory that was entered last, after what is in it.
    mutating func leave(_ path: Path, _ status: FileStatus) throws
    /// Anything that is no directory; `name` is relative to `parent`.
    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: borrowing Directory) throws
}

/// Walks a selected item with the tree's ignore patterns and a copy's own.
///
/// A directory that is only a passage is handed out when something below it is.
struct SourceWalk {
    let tree: SourceTree
    let filter: CopyFilter
    let cancellation: CancellationFlag

    /// Visits `item` and all that is selected below it.
    func walk<Visitor: SourceVisitor>(_ item: SourceSelection.Item, _ visitor: inout Visitor) throws {
        guard item.status.kind == .directory else {
            let parent = try tree.root.openDirectory(item.path.parent, .noSymlinks)
            guard let name = item.path.lastComponent else { return }
            return try visitor.visit("", tree.visible(item.status), name: name, in: parent)
        }
        let directory = try tree.root.openDirectory(item.path, .noSymlinks)
        var passages: [(Path, FileStatus, Path)] = []
        try descend(
            Position(
                tree: item.path,
                relative: "",
                ignored: tree.ignored.map { PatternCursor($0, at: item.path) },
                filter: filter
            ),
            item.status,
            directory,
            filter.item,
            &passages,
            &visitor
        )
    }

    /// Where the walk is: in the tree, and relative to the item; with the patterns that count there.
    private struct Position {
        var tree: Path
        var relative: Path
        var ignored: PatternCursor?
        var filter: CopyFilter

        /// An entry, with the patterns of this directory.
        func entry(_ name: Path) -> Position {
            var copy = self
            copy.tree = tree.appending(name)
            copy.relative = relative.appending(name)
            return copy
        }

        /// How an entry appears.
        func visibility(isDirectory: Bool) -> Visibility {
            let shown = ignored?.excluding(tree, isDirectory: isDirectory) ?? .shown
            return shown.and(filter.decide(relative, isDirectory: isDirectory))
        }

        /// An entry that is a directory, with its own patterns.
        func directory() -> Position {
            var copy = self
            copy.ignored = ignored?.directory(tree)
            copy.filter = filter.directory(relative)
            return copy
        }
    }

    private func descend<Visitor: SourceVisitor>(
        _ position: Position,
        _ status: FileStatus,
        _ directory: borrowing Directory,
        _ decision: Visibility,
        _ passages: inout [(Path, FileStatus, Path)],
        _ visitor: inout Visitor
    ) throws {
        try cancellation.check()
        let depth = passages.count
        if decision == .shown {
            try open(&passages, &visitor)
            try visitor.enter(position.relative, tree.visible(status), directory)
        } else {
            passages.append((position.relative, tree.visible(status), position.tree))
        }
        for entry in try directory.entries().sorted(by: { $0.name < $1.name }) {
            let child = position.entry(entry.name)
            let kind = try entry.kind ?? directory.status(entry.name).kind
            let decision = child.visibility(isDirectory: kind == .directory)
            if decision == .hidden { continue }
            let status = try directory.status(entry.name)
            if status.kind == .directory {
                let opened = try directory.openDirectory(entry.name, .noSymlinks)
                try descend(child.directory(), status, opened, decision, &passages, &visitor)
            } else {
                try open(&passages, &visitor)
                try visitor.visit(child.relative, tree.visible(status), name: entry.name, in: directory)
            }
        }
        if decision != .shown, passages.count > depth {
            passages.removeLast()
        } else {
            try visitor.leave(position.relative, tree.visible(status))
        }
    }

    /// Enters the passages that lead to something that is shown.
    private func open<Visitor: SourceVisitor>(
        _ passages: inout [(Path, FileStatus, Path)],
        _ visitor: inout Visitor
    ) throws {
        for (relative, status, path) in passages {
            let directory = try tree.root.openDirectory(path, .noSymlinks)
            try visitor.enter(relative, status, directory)
        }
        passages.removeAll()
    }
}

extension SourceWalk {
    /// The walk over what a selector selects.
    init(_ selector: ContentSelector, in tree: SourceTree, _ cancellation: CancellationFlag) throws {
        let filter = try CopyFilter(include: selector.includePatterns, exclude: selector.excludePatterns)
        self.init(tree: tree, filter: filter, cancellation: cancellation)
    }
}
