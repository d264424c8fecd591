import Glibc
import LinuxSystem
import OCI

/// Everything that is kept between builds, under one directory that several processes may share.
///
/// What a process uses of it, others do not remove (``ItemsInUse``). Holds `locks/use` shared as long as it lives.
package final class CacheDirectory: Sendable {
    /// The directory, as it was given.
    package let root: Path
    /// The directory itself.
    package let directory: Directory
    package let database: Database
    package let content: ContentStore
    package let snapshots: Snapshotter
    package let results: ResultRecords
    package let contexts: ContextIndexes
    package let mounts: CacheMounts
    package let forecasts: Forecasts
    package let history: BuildHistory
    package let mirrors: GitMirrors
    package let locks: Locks
    package let inUse: ItemsInUse
    /// Why snapshots are not overlays in this directory, for people; `nil` if they are, or were not asked to be.
    package let snapshotNote: String?
    /// Whether space that is kept back for a full disk was needed to open the directory.
    package let gaveReserve: Bool
    /// Whether snapshots lie in another directory than everything else.
    let isSnapshotsElsewhere: Bool
    private let use: FileLock

    /// Opens the cache directory and makes what is missing of it.
    ///
    /// Leftovers of processes that died are removed. `ledgerScope` is that of the user namespace's identity. With
    /// `alternatives`, overlays are tried, and where the directory cannot hold them they lie below one of those, or
    /// snapshots are plain trees. With `toClean` it can be opened on a full disk, too: see ``keepReserve(_:)``.
    package static func open(
        _ root: Path,
        snapshots kind: SnapshotKind,
        ledgerScope: LedgerScope? = nil,
        toClean: Bool = false,
        alternatives: (() -> [Path])? = nil
    ) throws -> CacheDirectory {
        do {
            return try CacheDirectory(root, kind, ledgerScope: ledgerScope, toClean: toClean, alternatives)
        } catch let error as SystemError {
            // Only the layout can fail so: the rest is below the directory and names its own path.
            throw StorageError.unwritable(root, reason: "\(error)")
        }
    }

    /// Opens the cache directory with overlay snapshots; `userxattr` is that of the user namespace's identity.
    package static func open(_ root: Path, userxattr: Bool) throws -> CacheDirectory {
        try open(root, snapshots: .overlay(userxattr: userxattr))
    }

    /// `$XDG_CACHE_HOME/swbuild`, or `~/.cache/swbuild` where that is not an absolute path.
    package static func defaultRoot(environment: (String) -> String?) -> Path? {
        if let base = environment("XDG_CACHE_HOME"), base.hasPrefix("/") { return Path(base).appending("swbuild") }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return Path(home).appending(".cache/swbuild")
    }

    private init(
        _ root: Path,
        _ kind: SnapshotKind,
        ledgerScope: LedgerScope?,
        toClean: Bool,
        _ alternatives: (() -> [Path])?
    ) throws {
        let directory = try CacheDirectory.makeLayout(root)
        use = try FileLock.acquire("locks/use", in: directory, .shared)
        (database, gaveReserve) = try CacheDirectory.openDatabase(in: directory, toClean: toClean)
        locks = Locks(try directory.openDirectory("locks"))
        inUse = try ItemsInUse(in: directory)
        content = ContentStore(try directory.duplicate(), inUse: inUse)
        let resolved = try directory.currentPath()
        var place = SnapshotPlace(kind: kind, elsewhere: nil, note: nil)
        if case .overlay(let userxattr) = kind, let alternatives {
            place = try SnapshotPlace.find(directory, userxattr: userxattr, alternatives: alternatives)
        }
        snapshotNote = place.note
        isSnapshotsElsewhere = place.elsewhere != nil
        let home = try place.elsewhere.map { try CacheDirectory.makeLayout($0) } ?? directory.duplicate()
        snapshots = try Snapshotter(
            root: try home.currentPath(),
            directory: try home.duplicate(),
            database: database,
            inUse: inUse,
            kind: place.kind,
            ledgerScope: ledgerScope
        )
        mounts = try CacheMounts(
            root: resolved,
            directory: directory,
            database: database,
            locks: locks,
            inUse: inUse
        )
        mirrors = try GitMirrors(root: resolved, directory: directory, database: database, inUse: inUse)
        results = ResultRecords(database: database, snapshots: snapshots)
        contexts = ContextIndexes(try directory.openDirectory("contexts"))
        forecasts = Forecasts(try directory.openDirectory(Forecasts.name))
        history = BuildHistory(try directory.duplicate())
        self.root = root
        self.directory = directory
        try removeLeftovers()
    }

    private static func openDatabase(
        in directory: borrowing Directory,
        toClean: Bool
    ) throws -> (Database, gaveReserve: Bool) {
        let path = try directory.currentPath().appending("swbuild.db")
        do {
            return (try Database(path), false)
        } catch let error as StorageError {
            guard toClean, case .database = error, SpaceReserve.release(in: directory) else { throw error }
            return (try Database(path), true)
        }
    }

    /// Makes again what was given up to open the cache directory on a full disk; call it once that is closed.
    package static func keepReserve(_ root: Path) {
        if let directory = try? Directory.open(root) { SpaceReserve.make(in: directory) }
    }

    /// Makes a directory for one use, removed at the end of the value's life.
    package func makeTemporaryDirectory() throws -> TemporaryDirectory {
        try TemporaryDirectory(in: directory, root: root)
    }

    /// Removes a blob that this process has made and needs no more, unless another one uses it or it is a layer's.
    package func discard(_ digest: Digest) throws {
        inUse.releaseEntirely(.blob(digest))
        guard try database.blobOwners()[digest.description] == nil, let claim = try inUse.claim(.blob(digest)) else {
            return
        }
        try content.remove(digest)
        withExtendedLifetime(claim) {}
    }

    /// Writes what is only in memory: layers' durability and last uses.
    ///
    /// Call it at the end of a build.
    package func finish() throws {
        try snapshots.flush()
        if inUse.hasNew { SpaceReserve.make(in: directory) }
    }

    /// Runs `body` while no other process uses the directory; `inUse` if one does, without waiting.
    package func withExclusiveUse<R>(_ body: () throws -> R) throws -> R {
        guard try use.change(to: .exclusive) else { throw StorageError.inUse(root) }
        defer { _ = try? use.change(to: .shared) }
        return try body()
    }

    /// Whether no other process has the directory open now.
    func isAlone() throws -> Bool {
        guard try use.change(to: .exclusive) else { return false }
        _ = try use.change(to: .shared)
        return true
    }

    private static let names: [Path] = [
        "blobs/sha256", "blobs/sha384", "blobs/sha512", "ingest", "snapshots", "empty/fs", "empty/below", "mounts",
        "git", "http",
        "locks", "tmp", "contexts", "trees", "history/contents", Forecasts.name,
    ]

    private static func makeLayout(_ root: Path) throws -> Directory {
        let start = try Directory.open(root.isAbsolute ? "/" : ".")
        try start.makeDirectories(root.parent)
        try start.makeDirectories(root, mode: 0o700)
        let directory = try Directory.open(root)
        try makePrivate(directory, root)
        // They are made in this order: where the last one is, all are.
        if let last = names.last, try directory.statusIfExists(last) != nil { return directory }
        for name in names { try directory.makeDirectories(name) }
        return directory
    }

    /// Closes a directory that was there before to everybody else.
    ///
    /// Who can write to it decides what this user's images hold; who can enter it finds their set-uid programs.
    private static func makePrivate(_ directory: borrowing Directory, _ root: Path) throws {
        let permissions = try directory.status("").permissions
        if permissions & 0o077 == 0 { return }
        do throws(SystemError) {
            try directory.descriptor.setPermissions(0o700)
        } catch {
            // Somebody else's, such as a volume of the machine: that others may look is theirs to decide.
            if permissions & 0o022 != 0 { throw StorageError.writableByOthers(root) }
        }
    }

    private func removeLeftovers() throws {
        try content.removeLeftovers()
        try TemporaryDirectory.removeLeftovers(in: directory)
        try PlainTrees.removeLeftovers(in: directory)
        try snapshots.removeLeftovers()
        try locks.removeLeftovers()
    }
}
