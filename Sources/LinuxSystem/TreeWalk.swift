import CLinux
import Glibc

/// A name that a walk met.
package struct WalkEntry: Sendable {
    /// Relative to where the walk began.
    package let path: Path
    /// The last component of `path`.
    package let name: Path
    /// Not followed.
    package let status: FileStatus
    /// 0 for names in the top directory.
    package let depth: Int
}

/// One step of a walk.
package enum WalkStep: Sendable {
    /// A name, before what is below it.
    case enter(WalkEntry)
    /// A directory again, after all that is below it.
    case leave(WalkEntry)
}

/// What to do with the directory that was just met.
package enum WalkDecision: Sendable {
    case descend
    /// Does not go below; no `leave` follows.
    case prune
    /// Ends the walk.
    case stop
}

/// A directory that several owners may hold.
package final class SharedDirectory: Sendable {
    package let directory: Directory

    package init(_ directory: consuming Directory) {
        self.directory = directory
    }
}

/// A depth-first walk below a directory; iterative, and with a bounded number of open descriptors.
///
/// Names are read by getdents64(2) and their status by statx(2) relative to the open parent, about 2 µs each.
/// Symbolic links are never followed. A directory that is removed meanwhile is an error (ENOENT).
package struct TreeWalk: ~Copyable {
    private let sorted: Bool
    private let omitting: Set<UInt64>
    private let top: SharedDirectory
    private var frames: [WalkFrame] = []
    private var pending: WalkEntry?
    /// The names and bytes of the frames' directories, without the separators' duplicates.
    private var prefix: [UInt8] = []
    /// Where the entry of the last step lives.
    package private(set) var parent: SharedDirectory
    /// The inodes of names that were left out so far, once for each name.
    package private(set) var omitted: [UInt64] = []

    /// A walk below `root`; with `sorted`, each directory's names come in the order of their bytes.
    ///
    /// Names of the inodes `omitting` are left out without a look at them.
    package init(
        _ root: borrowing Directory,
        sorted: Bool = true,
        omitting: Set<UInt64> = []
    ) throws(SystemError) {
        let top = SharedDirectory(try root.duplicate())
        let names = try DirectoryListing(top.directory, sorted: sorted, omitting: omitting)
        self.sorted = sorted
        self.omitting = omitting
        self.top = top
        parent = top
        add(WalkFrame(top, names, entry: nil, pathLength: 0))
    }

    private mutating func add(_ frame: WalkFrame) {
        omitted += frame.names.omitted
        frames.append(frame)
    }

    /// The next step, `nil` at the end.
    package mutating func next() throws(SystemError) -> WalkStep? {
        if let entry = pending {
            pending = nil
            try push(entry)
        }
        while let frame = frames.last {
            if let index = frame.next() {
                parent = frame.directory
                let entry = try enter(frame, index)
                if entry.status.kind == .directory { pending = entry }
                return .enter(entry)
            }
            frames.removeLast()
            guard let entry = frame.entry else { return nil }
            parent = try reopenParent(of: frame)
            return .leave(entry)
        }
        return nil
    }

    /// Does not go below the directory that `next` has just given.
    package mutating func prune() {
        pending = nil
    }

    /// Descriptors that are kept open; above that the topmost ones are closed and found again through `..`.
    static let maximumOpen = 128

    private mutating func enter(_ frame: WalkFrame, _ index: Int) throws(SystemError) -> WalkEntry {
        prefix.removeLast(prefix.count - frame.pathLength)
        if !prefix.isEmpty { prefix.append(Path.separator) }
        prefix.append(contentsOf: frame.names.bytes(index))
        let path = Path(bytes: prefix)
        let status = try frame.names.status(index, in: frame.directory.directory, as: path)
        let name = frame.pathLength == 0 ? path : frame.names.name(index)
        return WalkEntry(path: path, name: name, status: status, depth: frames.count - 1)
    }

    private mutating func push(_ entry: WalkEntry) throws(SystemError) {
        guard let frame = frames.last else { return }
        let opened = SharedDirectory(try frame.directory.directory.openDirectory(entry.name, .noSymlinks))
        let names = try DirectoryListing(opened.directory, sorted: sorted, omitting: omitting)
        add(WalkFrame(opened, names, entry: entry, pathLength: entry.path.bytes.count))
        let excess = frames.count - 1 - TreeWalk.maximumOpen
        if excess > 0 { frames[excess].close() }
    }

    private func reopenParent(of frame: WalkFrame) throws(SystemError) -> SharedDirectory {
        guard let above = frames.last else { return top }
        if !above.isClosed { return above.directory }
        let raw = frame.directory.directory.descriptor.raw
        let opened = try kernelCall("open", frame.entry?.path) {
            clinux_open(raw, "..", OpenFlags.directory.rawValue, 0)
        }
        try above.reopen(Directory(FileDescriptor(owning: opened), ledger: top.directory.ledger))
        return above.directory
    }
}

/// A directory on the way down: its names, and which of them come next.
private final class WalkFrame {
    let entry: WalkEntry?
    let pathLength: Int
    let names: DirectoryListing
    private(set) var directory: SharedDirectory
    private(set) var isClosed = false
    private var position = 0

    init(_ directory: SharedDirectory, _ names: DirectoryListing, entry: WalkEntry?, pathLength: Int) {
        self.directory = directory
        self.names = names
        self.entry = entry
        self.pathLength = pathLength
    }

    /// The next of ``names``.
    func next() -> Int? {
        guard position < names.count else { return nil }
        position += 1
        return position - 1
    }

    func close() {
        isClosed = true
        directory = WalkFrame.closed ?? directory
    }

    func reopen(_ opened: consuming Directory) throws(SystemError) {
        if let entry, try opened.descriptor.status().identity != entry.status.identity {
            // The directory below was moved elsewhere while it was walked.
            throw SystemError("walk", entry.path, code: ESTALE)
        }
        directory = SharedDirectory(opened)
        isClosed = false
    }

    /// Stands in for a closed directory.
    private static let closed = try? SharedDirectory(Directory.open("/"))
}

/// Walks below a directory and calls `visit` for each name and `leave` for each directory after what is below it;
/// both get the open parent directory.
package func walk(
    _ root: borrowing Directory,
    sorted: Bool = true,
    leave: (WalkEntry, borrowing Directory) throws -> Void = { _, _ in },
    visit: (WalkEntry, borrowing Directory) throws -> WalkDecision
) throws {
    var walk = try TreeWalk(root, sorted: sorted)
    while let step = try walk.next() {
        switch step {
        case .enter(let entry):
            switch try visit(entry, walk.parent.directory) {
            case .descend: continue
            case .prune: walk.prune()
            case .stop: return
            }
        case .leave(let entry): try leave(entry, walk.parent.directory)
        }
    }
}
