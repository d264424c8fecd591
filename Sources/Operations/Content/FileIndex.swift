import LinuxSystem
import OCI
import Storage
import Synchronization

/// The digests of a context directory's files, from earlier builds and this one.
final class FileIndex: Sendable {
    private struct State {
        var index: ContextIndex
        var isChanged = false
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

    /// The digest of the file at `path` (relative to the directory) if it is as it was when it was read.
    func digest(of path: Path, _ status: FileStatus) -> Digest? {
        let bytes = state.withLock { $0.index.digest(of: path, status) }
        guard let bytes else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        let hex = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return try? Digest("sha256:" + String(decoding: hex, as: UTF8.self))
    }

    /// Keeps the digest of a file that was read between the two statuses; throws
    /// ``OperationError/changedDuringBuild(_:)`` where it changed meanwhile.
    func record(_ path: Path, before: FileStatus, after: FileStatus, _ digest: Digest) throws {
        guard before.changed == after.changed, before.size == after.size else {
            throw OperationError.changedDuringBuild(path.string)
        }
        let bytes = stride(from: 0, to: digest.hex.utf8.count, by: 2).compactMap { offset in
            UInt8(digest.hex.dropFirst(offset).prefix(2), radix: 16)
        }
        state.withLock { state in
            state.index.record(bytes, of: path, before)
            state.isChanged = true
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
