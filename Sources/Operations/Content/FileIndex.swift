import LinuxSystem
import Storage
import Synchronization

/// The digests of a context directory's files, from earlier builds and this one.
final class FileIndex: Sendable {
    private struct State {
        var index: ContextIndex
        /// Whether this build's readings are in the file.
        var isSaved = false
    }

    /// An absolute path.
    let directory: Path
    private let indexes: ContextIndexes
    private let state: Mutex<State>

    /// Loads what is known of a directory.
    init(_ directory: Path, _ indexes: ContextIndexes) {
        self.directory = directory
        self.indexes = indexes
        state = Mutex(State(index: indexes.load(directory)))
    }

    /// Adds the SHA-256 of the file at `path` (relative to the directory), 32 bytes, to `bytes`, where it is as it was when it
    /// was read; false where it must be read.
    func append(hashOf path: Path, _ status: FileStatus, to bytes: inout [UInt8]) -> Bool {
        state.withLock { $0.index.append(digestOf: path, status, to: &bytes) }
    }

    /// The SHA-256 that a file entered a digest of this build with, if it is as it was then.
    func hashed(_ path: Path, _ status: FileStatus) -> [UInt8]? {
        state.withLock { $0.index.usedDigest(of: path, status) }
    }

    /// Notes that a file without bytes of its own enters a digest.
    func note(_ path: Path, _ status: FileStatus) {
        state.withLock { $0.index.note(path, status) }
    }

    /// Whether a file is the one that entered a digest of this build, if one did.
    func isAsHashed(_ path: Path, _ status: FileStatus) -> Bool {
        state.withLock { $0.index.isAsUsed(path, status) }
    }

    /// Keeps the SHA-256 of a file that was as `status` says from before it was read until after.
    func record(_ path: Path, _ status: FileStatus, _ hash: [UInt8]) {
        state.withLock { state in
            state.index.record(hash, of: path, status)
            state.isSaved = false
        }
    }

    /// Writes the index where it has changed; a directory that cannot be written to loses nothing but time.
    func save() {
        let changed = state.withLock { state in
            defer { state.isSaved = true }
            return state.index.isChanged && !state.isSaved ? state.index : nil
        }
        if let changed { try? indexes.store(changed, of: directory) }
    }
}
