import LinuxSystem
import Synchronization

/// A snapshot that is being made: a new, writable layer upon a parent.
///
/// Vanishes with this value unless it is committed; if the process is killed, the next one removes it.
package struct ActiveSnapshot: ~Copyable, Sendable {
    /// The new layer's future name.
    package let id: LayerID
    package let parent: Snapshot
    /// Where changes go: an overlay's upper directory.
    ///
    /// Starts with the metadata of the parent's root.
    package let upperPath: Path
    package let upper: Directory
    /// The parent's layers for an overlay, topmost first; never empty.
    package let lowerPaths: [Path]
    package let userxattr: Bool
    let files: ActiveFiles

    /// A fresh work directory for an overlay on `upperPath`: one for each mount, because one that was used by a
    /// volatile mount is refused.
    package func makeWorkDirectory() throws -> Path {
        let name = Path("work").appending(randomName())
        try files.home.directory.makeDirectories(name)
        return upperPath.parent.appending(name)
    }

    /// Mounts parent and changes as one writable tree, for file operations by this process.
    ///
    /// A volatile mount never flushes, which committing does once. No two mounts at the same time.
    package func mount(volatile: Bool = true) throws -> DetachedMount {
        try DetachedMount.overlay(
            .init(
                lower: lowerPaths,
                upper: upperPath,
                work: makeWorkDirectory(),
                userxattr: userxattr,
                volatile: volatile
            ),
            ledger: upper.ledger
        )
    }
}

/// The directory of an active snapshot, removed with its last reference unless it is kept.
final class ActiveFiles: Sendable {
    /// The directory `snapshots/<id>`.
    let home: SharedDirectory
    private let snapshots: SharedDirectory
    private let id: LayerID
    private let lock: FileLock
    private let kept = Atomic<Bool>(false)

    init(_ id: LayerID, in snapshots: SharedDirectory) throws {
        let claimed = try claimDirectory(Path(id.name), in: snapshots.directory)
        home = SharedDirectory(claimed.directory)
        lock = claimed.lock
        self.snapshots = snapshots
        self.id = id
    }

    deinit {
        if !kept.load(ordering: .acquiring) { try? snapshots.directory.removeTree(Path(id.name)) }
    }

    /// Leaves the directory where it is.
    func keep() {
        kept.store(true, ordering: .releasing)
    }
}
