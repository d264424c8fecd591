import DockerfileParser
import LinuxSystem

/// A tree of files that a copy reads and a cache key is made of: a snapshot, or the context in place.
package final class SourceTree: Sendable {
    /// Whose the files are said to be.
    package enum Ownership: Sendable {
        /// As the filesystem says.
        case kept
        /// All of them root's, as in a local context (spec/03 §3.6).
        case root
    }

    package let root: Directory
    package let ownership: Ownership
    /// What an ignore file hides; nil hides nothing.
    let ignored: IgnorePatterns?
    /// The digests of files known from earlier builds, for a local context.
    let index: FileIndex?

    /// A tree below `root`, which it keeps open.
    init(
        root: consuming Directory,
        ownership: Ownership,
        ignored: IgnorePatterns? = nil,
        index: FileIndex? = nil
    ) {
        self.root = root
        self.ownership = ownership
        self.ignored = ignored
        self.index = index
    }

    /// Whether the ignore file lets the entry at `path` (relative to the root) be seen.
    func visibility(_ path: Path, isDirectory: Bool) -> Visibility {
        guard let ignored, !path.isEmpty, ignored.matches(path.bytes) else { return .shown }
        return isDirectory && ignored.couldTakeBack(below: path.bytes) ? .passage : .hidden
    }

    /// The status as the copy sees it.
    func visible(_ status: FileStatus) -> FileStatus {
        guard ownership == .root else { return status }
        var status = status
        status.uid = 0
        status.gid = 0
        return status
    }

    /// Whether a file stayed as it was while it was read.
    ///
    /// Nobody changes those of a snapshot, but a plain tree that is made meanwhile may link to them.
    func isUnchanged(_ before: FileStatus, _ after: FileStatus) -> Bool {
        let time: (FileStatus) -> FileTime = ownership == .kept ? { $0.modified } : { $0.changed }
        return before.size == after.size && time(before) == time(after)
    }

    /// Whether extended attributes are part of the tree: those of the host's files are not (spec/03 §3.6).
    var keepsAttributes: Bool { ownership == .kept }
}
