import LinuxSystem
import OCI

/// A committed blob.
package struct BlobInfo: Hashable, Sendable {
    package let digest: Digest
    /// Bytes.
    package let size: Int64
}

/// A blob that is being written.
///
/// It becomes visible by `commit`; otherwise it vanishes with this value, or is
/// removed by the next process if this one is killed.
package struct BlobWriter: ~Copyable, Sendable {
    private let ingest: IngestFile
    private var hasher: DigestHasher
    private var size: Int64 = 0
    private let growth: GrowingBlob
    private let inUse: ItemsInUse

    init(_ root: SharedDirectory, algorithm: Digest.Algorithm, inUse: ItemsInUse) throws {
        let ingest = try IngestFile(root)
        self.ingest = ingest
        hasher = DigestHasher(algorithm)
        growth = GrowingBlob(ingest)
        self.inUse = inUse
    }

    deinit {
        // After a commit the end is known already and this does nothing.
        growth.fail(StorageError.abandoned)
    }

    /// For threads that read the blob while it is being written.
    package var growing: GrowingBlob { growth }

    /// How many bytes were written.
    package var count: Int64 { size }

    /// Appends bytes; never waits for readers.
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        try ingest.lock.descriptor.writeAll(bytes, at: size)
        hasher.update(bytes)
        size += Int64(bytes.count)
        growth.publish(size)
    }

    /// Appends bytes.
    package mutating func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Starts over with no bytes, for a download that has to begin again.
    ///
    /// Not once somebody reads it.
    package mutating func restart() throws {
        try ingest.lock.descriptor.truncate(to: 0)
        hasher = DigestHasher(hasher.finalize().algorithm)
        size = 0
    }

    /// Checks the blob, makes it durable, and makes it visible in one step.
    ///
    /// Throws `digestMismatch` or `sizeMismatch`; then nothing of it remains, and its readers get the same error.
    package consuming func commit(digest: Digest? = nil, size expected: Int64? = nil) throws -> BlobInfo {
        do {
            if let expected, expected != size { throw StorageError.sizeMismatch(expected: expected, actual: size) }
            let actual = hasher.finalize()
            if let digest, digest != actual { throw StorageError.digestMismatch(expected: digest, actual: actual) }
            try inUse.holdNew(.blob(actual))
            try ingest.publish(as: ContentStore.path(actual))
            growth.end()
            return BlobInfo(digest: actual, size: size)
        } catch {
            growth.fail(error)
            throw error
        }
    }
}

/// A file in `ingest`, locked so that no other process takes it for a leftover; removed with its last reference
/// unless it was published.
final class IngestFile: Sendable {
    /// The open file, and that others keep off.
    let lock: FileLock
    private let root: SharedDirectory
    private let path: Path

    init(_ root: SharedDirectory) throws {
        let path = Path("ingest").appending(randomName())
        lock = try FileLock.acquire(path, in: root.directory, .exclusive)
        self.root = root
        self.path = path
    }

    deinit {
        try? root.directory.removeTree(path)
    }

    /// Moves the file to its place, durably.
    func publish(as target: Path) throws {
        try lock.descriptor.setPermissions(0o644)
        try lock.descriptor.sync()
        try root.directory.rename(path, to: target)
        try root.directory.openDirectory(target.parent).descriptor.sync()
    }
}
