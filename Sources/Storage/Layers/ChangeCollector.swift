import Archive
import Glibc
import LinuxSystem

/// Compares a tree with what it was, in one walk, and makes the layer of what changed.
struct ChangeCollector: ~Copyable {
    /// A directory on the way down.
    private struct Level {
        let directory: SharedDirectory
        let name: Path
        let status: FileStatus
        /// The same directory of the layer, once something needs it.
        var upper: SharedDirectory?
        /// Where it is in the new index.
        let position: Int
    }

    private let content: PlainTree.Content
    private let marks: LayerMarks
    private let old: [TreeIndex.Entry]
    private var next = 0
    private var new = TreeIndex()
    private var levels: [Level]
    private var links = HardLinks()
    private var breaker = LinkBreaker()
    private var walk: TreeWalk

    /// Compares `root` with `old`; what differs goes to `upper`.
    init(
        of root: borrowing Directory,
        since old: TreeIndex,
        into upper: borrowing Directory,
        content: PlainTree.Content,
        marks: LayerMarks
    ) throws(SystemError) {
        let top = Level(
            directory: SharedDirectory(try root.duplicate()),
            name: "",
            status: try root.descriptor.status(),
            upper: SharedDirectory(try upper.duplicate()),
            position: -1
        )
        let walk = try TreeWalk(root)
        self.content = content
        self.marks = marks
        self.old = old.entries
        self.walk = walk
        levels = [top]
    }

    /// Makes the layer and gives the present state of the tree.
    ///
    /// A tree of copies is left without hard links, as overlay shows the files of layers.
    consuming func collect() throws -> TreeIndex {
        while let step = try walk.next() {
            switch step {
            case .enter(let entry): try enter(entry)
            case .leave: try leave()
            }
        }
        try hideRest(below: -1)
        try finish(levels[0])
        if content == .copied { try breaker.breakLinks(&new) }
        return new
    }

    private mutating func enter(_ entry: WalkEntry) throws {
        let before = try passOld(to: entry)
        new.entries.append(TreeIndex.Entry(entry))
        let isChanged = before?.isSame(as: TreeIndex.Mark(entry.status), content) != true
        if entry.status.kind == .directory {
            let opened = SharedDirectory(try walk.parent.directory.openDirectory(entry.name, .noSymlinks))
            levels.append(
                Level(
                    directory: opened,
                    name: entry.name,
                    status: entry.status,
                    upper: nil,
                    position: new.entries.count - 1
                )
            )
            if isChanged { _ = try upper(levels.count - 1) }
            return
        }
        if before?.isDirectory == true { skipOld(below: entry.depth) }
        if content == .copied { breaker.note(entry, in: walk.parent, new.entries.count - 1, levels.last?.position) }
        if isChanged { try put(entry) }
    }

    private mutating func leave() throws {
        let level = levels.count - 1
        try hideRest(below: level - 1)
        try finish(levels.removeLast())
    }

    // MARK: What was

    /// Goes on in the old index to a name; those before it in the same directory are gone.
    private mutating func passOld(to entry: WalkEntry) throws -> TreeIndex.Mark? {
        while next < old.count, old[next].depth == entry.depth, old[next].name < entry.name {
            try hideNext()
        }
        guard next < old.count, old[next].depth == entry.depth, old[next].name == entry.name else { return nil }
        next += 1
        return old[next - 1].mark
    }

    /// All that is left of the old index below a directory of this depth is gone.
    private mutating func hideRest(below depth: Int) throws {
        while next < old.count, old[next].depth > depth { try hideNext() }
    }

    private mutating func hideNext() throws {
        let gone = old[next]
        next += 1
        skipOld(below: gone.depth)
        let target = try upper(levels.count - 1)
        try replacing(gone.name, in: target.directory) { () throws(SystemError) in
            try marks.hide(gone.name, in: target.directory)
        }
    }

    private mutating func skipOld(below depth: Int) {
        while next < old.count, old[next].depth > depth { next += 1 }
    }

    // MARK: The layer

    private mutating func upper(_ level: Int) throws -> SharedDirectory {
        if let known = levels[level].upper { return known }
        let parent = try upper(level - 1)
        let name = levels[level].name
        // A layer that was unpacked here has it already.
        if try parent.directory.statusIfExists(name, .noSymlinks)?.kind != .directory {
            try replacing(name, in: parent.directory) { () throws(SystemError) in
                try parent.directory.makeDirectory(name, mode: 0o700, .noSymlinks)
            }
        }
        let made = SharedDirectory(try parent.directory.openDirectory(name, .noSymlinks))
        copyAttributes(of: levels[level].directory.directory.descriptor, to: made.directory.descriptor)
        levels[level].upper = made
        return made
    }

    /// When everything below is there, since that changes the time.
    private func finish(_ level: Level) throws {
        guard let upper = level.upper else { return }
        try copyMetadata(of: level.status, to: "", in: upper.directory)
    }

    private mutating func put(_ entry: WalkEntry) throws {
        let target = try upper(levels.count - 1)
        let source = walk.parent
        let first = content == .copied ? links.firstName(of: entry.status, at: entry.path) : nil
        let top = levels[0].upper
        try replacing(entry.name, in: target.directory) { () throws(SystemError) in
            if content == .linked {
                try source.directory.link(entry.name, to: entry.name, in: target.directory)
            } else if let first, let top {
                try top.directory.link(first, to: entry.path, .noSymlinks)
            } else {
                try makeCopy(of: entry.name, entry.status, from: source.directory, to: entry.name, in: target.directory)
            }
        }
        guard content == .copied, first == nil, entry.status.kind == .regular else { return }
        try fillFile(entry.name, entry.status, from: source.directory, in: target.directory)
    }

    /// Makes a name of the layer; what has it in a layer that was unpacked here goes.
    private func replacing(
        _ name: Path,
        in target: borrowing Directory,
        _ make: () throws(SystemError) -> Void
    ) throws(SystemError) {
        do throws(SystemError) {
            try make()
        } catch {
            guard error.code == EEXIST else { throw error }
            try target.removeTree(name, .noSymlinks)
            try make()
        }
    }
}

/// Gives every name of a tree a file of its own.
///
/// Overlay does so for the files of layers: what a step writes to one name of a file is not seen under the others.
private struct LinkBreaker {
    private struct Name {
        let name: Path
        let status: FileStatus
        let parent: SharedDirectory
        let position: Int
        let parentPosition: Int
    }

    private var names: [FileStatus.Identity: [Name]] = [:]

    mutating func note(_ entry: WalkEntry, in parent: SharedDirectory, _ position: Int, _ parentPosition: Int?) {
        guard entry.status.links > 1, entry.status.kind != .directory else { return }
        names[entry.status.identity, default: []].append(
            Name(
                name: entry.name,
                status: entry.status,
                parent: parent,
                position: position,
                parentPosition: parentPosition ?? -1
            )
        )
    }

    func breakLinks(_ index: inout TreeIndex) throws {
        for group in names.values {
            for name in group.dropFirst() { try replace(name, &index) }
            if let first = group.first { try refresh(first, &index) }
        }
    }

    private func replace(_ name: Name, _ index: inout TreeIndex) throws {
        let parent = name.parent
        let time = try parent.directory.descriptor.status().modified
        let copy = Path(".swbuild-\(randomName())")
        try makeCopy(of: name.name, name.status, from: parent.directory, to: copy, in: parent.directory)
        if name.status.kind == .regular {
            try fillFile(name.name, as: copy, name.status, from: parent.directory, in: parent.directory)
        }
        try parent.directory.rename(copy, to: name.name)
        try parent.directory.descriptor.setTimes(modified: time)
        try refresh(name, &index)
    }

    private func refresh(_ name: Name, _ index: inout TreeIndex) throws {
        let status = try name.parent.directory.status(name.name, .noSymlinks)
        index.entries[name.position].mark = TreeIndex.Mark(status)
        guard name.parentPosition >= 0 else { return }
        index.entries[name.parentPosition].mark = TreeIndex.Mark(try name.parent.directory.descriptor.status())
    }
}
