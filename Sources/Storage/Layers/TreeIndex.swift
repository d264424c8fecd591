import Glibc
import LinuxSystem

/// What a tree looked like, name by name; some hundred bytes for each.
struct TreeIndex: Sendable {
    /// A name in the order of a sorted walk.
    struct Entry: Sendable {
        let name: Path
        let depth: Int
        var mark: Mark

        init(_ entry: WalkEntry) {
            name = entry.name
            depth = entry.depth
            mark = Mark(entry.status)
        }
    }

    /// What cannot stay the same when a file is changed.
    struct Mark: Hashable, Sendable {
        let mode: UInt32
        let uid: UInt32
        let gid: UInt32
        let inode: UInt64
        let modified: FileTime
        let changed: FileTime

        init(_ status: FileStatus) {
            mode = status.mode
            uid = status.uid
            gid = status.gid
            inode = status.inode
            modified = status.modified
            changed = status.changed
        }

        var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

        /// Whether a file is still the same one; the time of its last change says nothing where files are linked, since a
        /// link is such a change.
        func isSame(as other: Mark, _ content: PlainTree.Content) -> Bool {
            if content == .copied || isDirectory { return self == other }
            return mode == other.mode && uid == other.uid && gid == other.gid && inode == other.inode
                && modified == other.modified
        }
    }

    var entries: [Entry] = []

    init() {}

    /// The present state of a tree.
    init(of root: borrowing Directory) throws(SystemError) {
        var walk = try TreeWalk(root)
        while let step = try walk.next() {
            if case .enter(let entry) = step { entries.append(Entry(entry)) }
        }
    }

    /// Waits until a change made from now on has a later time than every one so far: file systems know time by the tick
    /// of the kernel, of up to 10 ms.
    func awaitNextTick() {
        guard let newest = entries.lazy.map(\.mark.changed).max() else { return }
        var now = timespec()
        while clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0 {
            let time = FileTime(seconds: Int64(now.tv_sec), nanoseconds: UInt32(now.tv_nsec))
            // A time in the future is none of this kernel's.
            if newest < time || newest.seconds > time.seconds + 1 { return }
            usleep(500)
        }
    }
}
