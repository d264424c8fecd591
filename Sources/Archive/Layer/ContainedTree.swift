import Glibc
import LinuxSystem

/// A directory that entries of an archive are put into and that none of them can leave.
///
/// Names are cleaned by text and rooted here. Everything is done relative to the open parent directory, which is found by
/// names that are no links; where the archive made a link on the way, it is followed by hand, inside this root. The last
/// name is never followed. Nobody else may change the tree meanwhile.
final class ContainedTree {
    /// What differs between layers and archives of `ADD`.
    struct Policy {
        var ownership: OwnershipMode
        /// Given to every entry instead of its own.
        var owner: FileOwner?
        /// Whether no extended attribute is important enough to fail.
        var bestEffortAttributes: Bool
        /// How deletions are marked; nil: names with `.wh.` mean nothing.
        var marks: LayerMarks?
    }

    let root: SharedDirectory
    let policy: Policy
    var changes = UnpackChanges()
    private var lastParent: OpenParent?
    private var directories: [Path: DirectoryAttributes] = [:]
    private let rootParent: OpenParent
    /// Who owns what we make.
    let creator: FileOwner

    init(_ directory: borrowing Directory, _ policy: Policy) throws {
        let root = SharedDirectory(try directory.duplicate())
        self.root = root
        self.policy = policy
        let recordsOwners = root.directory.ledger?.scope == .owners
        creator = FileOwner(uid: recordsOwners ? 0 : geteuid(), gid: recordsOwners ? 0 : getegid())
        rootParent = try OpenParent(named: [], path: "", root)
    }

    /// A parent directory that is open.
    final class OpenParent {
        /// As the archive names it.
        let name: [UInt8]
        /// Where it really is, without links.
        let path: Path
        let shared: SharedDirectory
        /// Whether what is made in it gets its group.
        let givesGroup: Bool

        init(named name: [UInt8], path: Path, _ shared: SharedDirectory) throws(SystemError) {
            self.name = name
            self.path = path
            self.shared = shared
            givesGroup = try shared.directory.descriptor.status().permissions & 0o2000 != 0
        }
    }

    /// Where an entry goes.
    struct Place {
        var parent: OpenParent
        /// One component.
        var name: Path
        /// The entry's path as the archive has it, for errors.
        var entry: Path

        /// Relative to the root, without links.
        var path: Path { parent.path.appending(name) }
    }

    /// Directories get their permissions and times at the end.
    private struct DirectoryAttributes {
        var permissions: UInt32
        var modified: FileTime
        var isImplied: Bool
    }

    // MARK: Finding places

    /// The name of an entry relative to the root; empty for the root itself.
    static func cleaned(_ path: Path) -> Path {
        path.relative.lexicallyNormalized()
    }

    /// The place of a cleaned name that is not the root; directories on the way are made.
    func place(of path: Path, entry: Path) throws(ArchiveError) -> Place {
        let slash = UInt8(ascii: "/")
        guard let end = path.bytes.lastIndex(of: slash) else {
            return Place(parent: rootParent, name: path, entry: entry)
        }
        let name = Path(bytes: Array(path.bytes[(end + 1)...]))
        let parent = try openParent(path.bytes[..<end], entry: entry)
        return Place(parent: parent, name: name, entry: entry)
    }

    /// The directory `name`, open; entries come sorted, so it is mostly that of the last one.
    func openParent(_ name: ArraySlice<UInt8>, entry: Path) throws(ArchiveError) -> OpenParent {
        if name.isEmpty { return rootParent }
        if let last = lastParent, last.name.elementsEqual(name) { return last }
        let name = Array(name)
        var path = Path(bytes: name)
        var opened = openWithoutLinks(path)
        if opened == nil {
            path = try resolve(path, entry: entry)
            opened = openWithoutLinks(path)
        }
        guard let opened else { throw .refused(entry: entry, reason: "its directory cannot be opened") }
        let parent = try attempt("open directory of", entry) { () throws(SystemError) in
            try OpenParent(named: name, path: path, opened)
        }
        lastParent = parent
        return parent
    }

    private func openWithoutLinks(_ path: Path) -> SharedDirectory? {
        guard let directory = try? root.directory.openDirectory(path, .noSymlinks) else { return nil }
        return SharedDirectory(directory)
    }

    /// Follows links inside the root and makes what is missing; gives the path without links.
    private func resolve(_ path: Path, entry: Path) throws(ArchiveError) -> Path {
        var resolved: Path = ""
        var rest = Array(path.components.reversed())
        var links = 0
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                resolved = resolved.parent
                continue
            }
            let next = resolved.appending(name)
            let status = try attempt("look up directory of", entry) { () throws(SystemError) in
                try root.directory.statusIfExists(next, .noSymlinks)
            }
            switch status?.kind {
            case .directory: resolved = next
            case nil:
                try makeImplied(next, entry: entry)
                resolved = next
            case .symlink:
                links += 1
                // The kernel's limit.
                guard links <= 40 else { throw .refused(entry: entry, reason: "too many levels of symbolic links") }
                let target = try attempt("read link to directory of", entry) { () throws(SystemError) in
                    try root.directory.readLink(next, .noSymlinks)
                }
                if target.isAbsolute { resolved = "" }
                rest.append(contentsOf: target.components.reversed())
            case .characterDevice where isMark(status), .socket where isMark(status):
                try replaceWhiteout(next, entry: entry)
                resolved = next
            default: throw .refused(entry: entry, reason: "`\(next)` is not a directory")
            }
        }
        return resolved
    }

    private func makeImplied(_ path: Path, entry: Path) throws(ArchiveError) {
        try attempt("create directory of", entry) { () throws(SystemError) in
            try root.directory.makeDirectory(path, mode: 0o755, .noSymlinks)
        }
        finishLater(path, permissions: 0o755, modified: FileTime(seconds: 0), isImplied: true)
    }

    /// Deleted below and made again here by its children: an opaque directory.
    private func replaceWhiteout(_ path: Path, entry: Path) throws(ArchiveError) {
        try attempt("replace whiteout of", entry) { () throws(SystemError) in
            try root.directory.remove(path, .noSymlinks)
        }
        try makeImplied(path, entry: entry)
        guard let marks = policy.marks else { return }
        try attempt("mark as opaque", entry) { () throws(SystemError) in
            try marks.makeOpaque(root.directory.openDirectory(path, .noSymlinks))
        }
    }

    /// Whether this is a whiteout, where there are any.
    func isMark(_ status: FileStatus?) -> Bool {
        policy.marks != nil && status?.isWhiteout == true
    }

    // MARK: Replacing

    /// Removes what has the name of an entry, if anything; gives what it was.
    @discardableResult
    func makeRoom(at place: Place) throws(ArchiveError) -> FileStatus? {
        let existing = try status(at: place)
        guard let existing else { return nil }
        // What was a parent may be gone, or be a link no longer.
        lastParent = nil
        try attempt("replace", place.entry) { () throws(SystemError) in
            if existing.kind == .directory {
                try place.parent.shared.directory.removeTree(place.name, .noSymlinks)
            } else {
                try place.parent.shared.directory.remove(place.name, .noSymlinks)
            }
        }
        return existing
    }

    /// What is at a place, not followed.
    func status(at place: Place) throws(ArchiveError) -> FileStatus? {
        try attempt("look up", place.entry) { () throws(SystemError) in
            try place.parent.shared.directory.statusIfExists(place.name, .noSymlinks)
        }
    }

    // MARK: Finishing

    /// Remembers what a directory shall look like at the end; called for every one that is made.
    func finishLater(_ path: Path, permissions: UInt32, modified: FileTime, isImplied: Bool = false) {
        directories[path] = DirectoryAttributes(permissions: permissions, modified: modified, isImplied: isImplied)
    }

    /// Gives directories their permissions and times, and completes the notes.
    func finish() throws(ArchiveError) {
        // Those below first, because a parent may become unsearchable.
        for (path, attributes) in directories.sorted(by: { $1.key < $0.key }) {
            // What was replaced later is no directory any more, or is below something that is none.
            guard let directory = openWithoutLinks(path) else { continue }
            try attempt("set permissions and times of", path) { () throws(SystemError) in
                try directory.directory.descriptor.setTimes(modified: attributes.modified)
                try directory.directory.descriptor.setPermissions(attributes.permissions)
            }
            if attributes.isImplied { changes.impliedDirectories.append(path) }
        }
        directories.removeAll()
        changes.impliedDirectories.reverse()
        changes.missingLinks.removeAll { isTaken($0.path) }
    }

    /// Whether a name that was missing was made later, or cannot be made any more.
    private func isTaken(_ path: Path) -> Bool {
        guard openWithoutLinks(path.parent) != nil else { return true }
        return (try? root.directory.statusIfExists(path, .noSymlinks)) != .some(nil)
    }
}

/// Runs a system call for an entry and says so in its error.
func attempt<Value: ~Copyable>(
    _ operation: @autoclosure () -> String,
    _ entry: Path,
    _ body: () throws(SystemError) -> Value
) throws(ArchiveError) -> Value {
    do throws(SystemError) {
        return try body()
    } catch {
        throw .entry(entry, operation: operation(), error)
    }
}
