import LinuxSystem
import Storage
import Synchronization

/// The digests of a context directory's files, from earlier builds and this one.
final class FileIndex: Sendable {
    private struct State {
        var index: ContextIndex
        var isChanged = false
        /// When each file that entered a digest of this build was last changed.
        var hashed: [Path: FileTime] = [:]
        /// The hashes of this build that are too young to be kept.
        var young: [Path: [UInt8]] = [:]
    }

    private let directory: Path
    private let indexes: ContextIndexes
    private let state: Mutex<State>

    /// Loads what is known of `directory`, an absolute path.
    init(_ directory: Path, _ indexes: ContextIndexes) {
        self.directory = directory
        self.indexes = indexes
        state = Mutex(State(index: indexes.load(directory)))
    }

    /// The SHA-256 of the file at `path` (relative to the directory), 32 bytes, if it is as it was when it was read.
    func hash(of path: Path, _ status: FileStatus) -> [UInt8]? {
        state.withLock { state in
            guard let hash = state.index.digest(of: path, status) else { return nil }
            state.hashed[path] = status.changed
            return hash
        }
    }

    /// The SHA-256 that a file entered a digest of this build with, if it is as it was then; for telling of it, and for
    /// nothing else.
    ///
    /// Leaves no trace: what was hashed stays what a copy is compared with.
    func hashed(_ path: Path, _ status: FileStatus) -> [UInt8]? {
        state.withLock { state in
            guard state.hashed[path] == status.changed else { return nil }
            return state.young[path] ?? state.index.digest(of: path, status)
        }
    }

    /// Notes that a file without bytes of its own enters a digest.
    func note(_ path: Path, _ status: FileStatus) {
        state.withLock { $0.hashed[path] = status.changed }
    }

    /// Whether a file is the one that entered a digest of this build, if one did.
    func isAsHashed(_ path: Path, _ status: FileStatus) -> Bool {
        state.withLock { state in state.hashed[path].map { $0 == status.changed } ?? true }
    }

    /// Keeps the SHA-256 of a file that was as `status` says from before it was read until after.
    func record(_ path: Path, _ status: FileStatus, _ hash: [UInt8]) {
        state.withLock { state in
            state.index.record(hash, of: path, status)
            state.hashed[path] = status.changed
            state.isChanged = true
            state.young[path] = state.index.digest(of: path, status) == nil ? hash : nil
        }
    }

    /// Writes the index where it has changed; a directory that cannot be written to loses nothing but time.
    func save() {
        let changed = state.withLock { state in
            defer { state.isChanged = false }
            return state.isChanged ? state.index : nil
        }
        if let changed { try? indexes.store(changed, of: directory) }
    }
}
