import BuildGraph
import LinuxSystem

/// What a walk over a selected item hands out, in the order of names, parents first.
protocol SourceVisitor {
    /// A directory, before what is in it. `path` is relative to the item (empty for the item itself).
    mutating func enter(_ path: Path, _ status: FileStatus, _ directory: SharedDirectory) throws
    /// The directory that was entered last, after what is in it.
    mutating func leave(_ path: Path, _ status: FileStatus) throws
    /// Anything that is no directory; `name` is relative to `parent`.
    mutating func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: SharedDirectory) throws
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
            let parent = SharedDirectory(try tree.root.openDirectory(item.path.parent, .noSymlinks))
            guard let name = item.path.lastComponent else { return }
            return try visitor.visit("", tree.visible(item.status), name: name, in: parent)
        }
        let directory = SharedDirectory(try tree.root.openDirectory(item.path, .noSymlinks))
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

        /// Where an entry is in the tree, and relative to the item.
        func entry(_ name: Path) -> (tree: Path, relative: Path) {
            let path = tree.appending(name)
            return (path, tree == relative ? path : relative.appending(name))
        }

        /// How an entry of this directory appears.
        func visibility(_ entry: (tree: Path, relative: Path), isDirectory: Bool) -> Visibility {
            let shown = ignored?.excluding(entry.tree, isDirectory: isDirectory) ?? .shown
            return shown.and(filter.decide(entry.relative, isDirectory: isDirectory))
        }

        /// An entry that is a directory, with its own patterns.
        func directory(_ entry: (tree: Path, relative: Path)) -> Position {
            Position(
                tree: entry.tree,
                relative: entry.relative,
                ignored: ignored?.directory(entry.tree),
                filter: filter.directory(entry.relative)
            )
        }
    }

    private func descend<Visitor: SourceVisitor>(
        _ position: Position,
        _ status: FileStatus,
        _ directory: SharedDirectory,
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
        let names = try DirectoryListing(directory.directory)
        for index in 0..<names.count {
            let name = names.name(index)
            let entry = position.entry(name)
            let kind = try names.kind(index) ?? names.status(index, in: directory.directory, as: entry.tree).kind
            let decision = position.visibility(entry, isDirectory: kind == .directory)
            if decision == .hidden { continue }
            let status = try names.status(index, in: directory.directory, as: entry.tree)
            if status.kind == .directory {
                let opened = SharedDirectory(try directory.directory.openDirectory(name, .noSymlinks))
                try descend(position.directory(entry), status, opened, decision, &passages, &visitor)
            } else {
                try open(&passages, &visitor)
                try visitor.visit(entry.relative, tree.visible(status), name: name, in: directory)
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
            let directory = SharedDirectory(try tree.root.openDirectory(path, .noSymlinks))
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
