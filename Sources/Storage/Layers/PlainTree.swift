import Archive
import LinuxSystem
import Synchronization

/// A directory with all the files of a snapshot; removed with its last reference.
///
/// If the process is killed, the next one removes it.
final class PlainTree: Sendable {
    /// Where the bytes of files are.
    enum Content: Hashable, Sendable {
        /// Files are those of the layers, by hard links: they may be replaced, and never be written to.
        case linked
        /// Files are copies, with one name each, as overlay shows them: for steps, which change them in place.
        case copied
    }

    let content: Content
    /// Its path, for whoever needs one.
    let path: Path
    let root: Directory
    private let home: SharedDirectory
    private let mounts: SharedDirectory
    private let name: Path
    private let lock: FileLock
    /// What the tree looked like when it was last in accord with a snapshot.
    let index = Mutex(TreeIndex())

    /// Makes a tree without files in `home`, whose path is `homePath`; cache volumes that steps leave in it go back to
    /// `mounts`.
    ///
    /// Copies have inodes of their own, and so a ledger of their own, of the given scope; linked files are found in the
    /// lists of their layers.
    init(
        _ content: Content,
        in home: SharedDirectory,
        path homePath: Path,
        mounts: SharedDirectory,
        _ scope: LedgerScope?
    ) throws {
        name = Path(randomName())
        let claimed = try claimDirectory(name, in: home.directory)
        try claimed.directory.makeDirectory("root")
        let ledger = try content == .copied ? scope.map { try OwnershipLedger($0) } : nil
        let files = try claimed.directory.openDirectory("root", .noSymlinks)
        root = Directory(try files.descriptor.duplicate(), ledger: ledger)
        lock = claimed.lock
        path = homePath.appending(name).appending("root")
        self.content = content
        self.home = home
        self.mounts = mounts
    }

    deinit {
        // With a volume that cannot be brought back it stays for the next process.
        guard let own = try? home.directory.openDirectory(name, .noSymlinks),
            (try? CacheMounts.takeBack(from: own, to: mounts.directory)) != nil
        else { return }
        try? home.directory.removeTree(name)
    }

    /// Puts layers upon what is there, bottom first, and takes the result for the state to compare with.
    func apply(_ layers: [Path], marks: LayerMarks) throws {
        let applier = try LayerApplier(target: root, content: content, marks: marks)
        for layer in layers {
            let files = try Directory.open(layer)
            guard let ledger = root.ledger else {
                try applier.apply(files)
                continue
            }
            if ledger.scope == .devices { try ledger.include(layer.parent) }
            try applier.apply(files.recordingOwners(in: OwnershipLedger(ledger.scope, layers: [layer.parent])))
        }
        let index = try TreeIndex(of: root)
        self.index.withLock { $0 = index }
    }

    /// Puts what was changed since into the directory of a layer, whose files then must not be written to any more.
    ///
    /// What is in `upper` already is counted as unchanged.
    func collectChanges(into upper: borrowing Directory, marks: LayerMarks) throws {
        let old = index.withLock { $0 }
        // Of linked files the records are those of the layer already: attributes, and inodes that are the same.
        let ledger = content == .copied ? upper.ledger : nil
        let layer = Directory(try upper.descriptor.duplicate(), ledger: ledger)
        let collector = try ChangeCollector(of: root, since: old, into: layer, content: content, marks: marks)
        let new = try collector.collect()
        index.withLock { $0 = new }
    }
}
