import LinuxSystem

/// The canonical layer of what an upper directory changes in its parent (spec/04 §4.4).
///
/// Depth first by name; only what differs in content or in what a tar header shows, with the directories above; deletions at
/// the place of the deleted name, and only of names that the parent has; no opaque markers, no entry for the root, no sockets,
/// no attribute but `security.capability`. The same trees give the same bytes on every filesystem.
package struct LayerDiff: ~Copyable {
    static let capability: Path = "security.capability"

    private let upper: Directory
    private let parent: SharedDirectory?
    private let isComplete: Bool
    private let marks: LayerMarks
    private let epoch: Int64?
    private let cancellation: CancellationFlag?

    /// Compares `upper` with `parent`, the root of all layers below, mounted; nil: there are none.
    ///
    /// With `isComplete` the upper directory is a whole tree instead of an overlay's upper: what it lacks is deleted. With
    /// `rewriteTimestamp` later times (seconds since 1970) become that one.
    package init(
        upper: borrowing Directory,
        parent: SharedDirectory?,
        marks: LayerMarks,
        isComplete: Bool = false,
        rewriteTimestamp: Int64? = nil,
        cancellation: CancellationFlag? = nil
    ) throws(SystemError) {
        self.upper = try upper.duplicate()
        self.parent = parent
        self.isComplete = isComplete
        self.marks = marks
        epoch = rewriteTimestamp
        self.cancellation = cancellation
    }

    /// Writes all entries, not the end of the archive.
    package func write<Sink: ByteSink & ~Copyable>(to writer: inout TarWriter<Sink>) throws {
        var walk = try TreeWalk(upper)
        var output = DiffOutput(epoch: epoch)
        var levels = DiffLevels(try top())
        while let step = try walk.next() {
            try cancellation?.check()
            switch step {
            case .enter(let entry):
                try output.deletions(levels.deletions(before: entry.name), in: &levels, to: &writer)
                try visit(entry, in: walk.parent.directory, &levels, &output, to: &writer)
            case .leave:
                try output.deletions(levels.deletions(before: nil), in: &levels, to: &writer)
                levels.pop()
            }
        }
        try output.deletions(levels.deletions(before: nil), in: &levels, to: &writer)
    }

    private func visit<Sink: ByteSink & ~Copyable>(
        _ entry: WalkEntry,
        in directory: borrowing Directory,
        _ levels: inout DiffLevels,
        _ output: inout DiffOutput,
        to writer: inout TarWriter<Sink>
    ) throws {
        let old = levels.last.isInParent ? try parent?.directory.statusIfExists(entry.path, .noSymlinks) : nil
        guard !entry.status.isWhiteout, var header = TarEntry(entry.path, entry.status) else {
            // A socket hides what was there, and is not archived itself.
            if old != nil { try output.deletions([entry.name], in: &levels, to: &writer) }
            return
        }
        let unchanged = try isUnchanged(entry, in: directory, old, output.comparison)
        if entry.status.kind == .directory {
            levels.push(try level(of: entry, header, in: directory, old, above: levels.last))
            if !unchanged { try output.directories(&levels, to: &writer) }
        } else if !unchanged {
            if header.kind == .symlink { header.linkTarget = try directory.readLink(entry.name, .noSymlinks) }
            if header.kind == .regular { header.extendedAttributes = try capabilities(entry.name, in: directory) }
            try output.directories(&levels, to: &writer)
            try output.file(header, entry, in: directory, to: &writer)
        }
    }

    private func isUnchanged(
        _ entry: WalkEntry,
        in directory: borrowing Directory,
        _ old: FileStatus?,
        _ comparison: borrowing LayerComparison
    ) throws -> Bool {
        guard let old, let parent else { return false }
        return try comparison.isUnchanged(entry, in: directory, from: old, in: parent.directory)
    }

    private func capabilities(_ name: Path, in directory: borrowing Directory) throws -> [ExtendedAttribute] {
        guard let value = try directory.extendedAttribute(name, name: Self.capability, .noSymlinks) else { return [] }
        return [ExtendedAttribute(name: Self.capability, value: value)]
    }

    // MARK: Directories

    private func top() throws -> DiffLevel {
        var level = DiffLevel(path: "", header: nil, isInParent: parent != nil, isOpaque: isComplete)
        if isComplete { level.deletions = try missing(at: "", in: upper) }
        return level
    }

    private func level(
        of entry: WalkEntry,
        _ header: TarEntry,
        in directory: borrowing Directory,
        _ old: FileStatus?,
        above: DiffLevel
    ) throws -> DiffLevel {
        let isMerged = old?.kind == .directory
        // Below an opaque directory nothing of the parent is seen, though only its top is marked.
        let isOpaque = try above.isOpaque || marks.isOpaque(entry.name, in: directory)
        var level = DiffLevel(path: entry.path, header: header, isInParent: isMerged, isOpaque: isOpaque)
        if isMerged, isOpaque {
            level.deletions = try missing(at: entry.path, in: directory.openDirectory(entry.name, .noSymlinks))
        }
        return level
    }

    /// The names that the parent has in a directory and `directory` has not, sorted.
    private func missing(at path: Path, in directory: borrowing Directory) throws -> [Path] {
        guard let parent else { return [] }
        let kept = Set(try directory.entries().map(\.name))
        let old = try parent.directory.openDirectory(path, .noSymlinks).entries().map(\.name)
        return old.filter { !kept.contains($0) }.sorted()
    }
}
