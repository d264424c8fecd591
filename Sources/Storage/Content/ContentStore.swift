import Glibc
import LinuxSystem
import OCI

/// Blobs by digest, in `blobs/<algorithm>/<hex>`.
///
/// What is there is complete and was checked when it was written. What was asked for is kept for as long as this process
/// lives.
package struct ContentStore: Sendable {
    private let root: SharedDirectory
    private let inUse: ItemsInUse
    /// The blobs that were found damaged by this process.
    package let dropped = DroppedBlobs()

    init(_ root: consuming Directory, inUse: ItemsInUse) {
        self.root = SharedDirectory(root)
        self.inUse = inUse
    }

    /// Whether the blob is there.
    package func contains(_ digest: Digest) throws -> Bool {
        try size(of: digest) != nil
    }

    /// The size of a blob in bytes; `nil` if it is not there.
    package func size(of digest: Digest) throws -> Int64? {
        guard try inUse.hold(.blob(digest)) else { return nil }
        guard let status = try root.directory.statusIfExists(ContentStore.path(digest)) else {
            inUse.release(.blob(digest))
            return nil
        }
        noteUse(digest, status)
        return status.size
    }

    /// Gives a blob the present time, once in ten minutes: by it one sees when it was last used.
    private func noteUse(_ digest: Digest, _ status: FileStatus) {
        let now = FileTime.now
        if status.modified.seconds + 600 > now.seconds { return }
        try? root.directory.setTimes(ContentStore.path(digest), modified: now)
    }

    /// Opens a blob for reading; with `size`, a file of another size is removed and counts as missing.
    package func open(_ digest: Digest, size: Int64? = nil) throws -> FileDescriptor {
        let path = ContentStore.path(digest)
        guard try inUse.hold(.blob(digest)) else { throw StorageError.missingBlob(digest) }
        do {
            let file = try root.directory.openFile(path, [.readOnly, .noFollow], .noSymlinks)
            if let size, try file.status().size != size {
                try drop(digest)
                throw StorageError.missingBlob(digest)
            }
            return file
        } catch let error as SystemError where error.isNotFound {
            throw StorageError.missingBlob(digest)
        }
    }

    /// Opens a blob for reading once from start to end; bytes that do not match the digest throw at the end, and the blob
    /// is removed.
    package func reader(_ digest: Digest, size: Int64? = nil) throws -> VerifiedBlob {
        VerifiedBlob(try open(digest, size: size), digest, of: self)
    }

    /// Whether a blob is there and is what its digest says; reads all of it, and removes a damaged one.
    package func isSound(_ digest: Digest) throws -> Bool {
        guard try contains(digest) else { return false }
        var reader = try reader(digest)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { buffer.deallocate() }
        do {
            while try reader.read(into: buffer) > 0 {}
            return true
        } catch StorageError.digestMismatch {
            return false
        }
    }

    /// A whole small blob; `nil` where it is not there, or was damaged and is removed.
    package func soundBytes(_ digest: Digest, limit: Int = 16 << 20) throws -> [UInt8]? {
        guard try contains(digest) else { return nil }
        do {
            return try bytes(digest, limit: limit)
        } catch StorageError.digestMismatch {
            return nil
        }
    }

    /// A whole small blob, checked, and removed where it is damaged; `limit` bytes at most.
    package func bytes(_ digest: Digest, limit: Int = 16 << 20) throws -> [UInt8] {
        let bytes = try open(digest).readAll(limit: limit)
        var hasher = DigestHasher(digest.algorithm)
        hasher.update(bytes)
        let actual = hasher.finalize()
        guard actual == digest else {
            try drop(digest)
            throw StorageError.digestMismatch(expected: digest, actual: actual)
        }
        return bytes
    }

    /// Starts a blob; nothing of it is visible before it is committed.
    package func makeWriter(algorithm: Digest.Algorithm = .sha256) throws -> BlobWriter {
        inUse.noteNew()
        return try BlobWriter(root, algorithm: algorithm, inUse: inUse)
    }

    /// Stores bytes and gives their digest; does nothing if they are there.
    @discardableResult
    package func store(_ bytes: [UInt8]) throws -> Digest {
        let digest = Digest.sha256(of: bytes)
        if try contains(digest) { return digest }
        var writer = try makeWriter()
        try writer.write(bytes)
        return try writer.commit(digest: digest, size: Int64(bytes.count)).digest
    }

    /// Removes a blob; a missing one is no error.
    package func remove(_ digest: Digest) throws {
        try root.directory.removeTree(ContentStore.path(digest))
    }

    /// Removes a blob that is not what its digest says.
    func drop(_ digest: Digest) throws {
        try remove(digest)
        dropped.add(digest)
    }

    /// All blobs and the status of their files.
    package func list() throws -> [(digest: Digest, status: FileStatus)] {
        var blobs: [(Digest, FileStatus)] = []
        for algorithm in Digest.Algorithm.allCases {
            let name = Path("blobs").appending(algorithm.rawValue)
            guard try root.directory.statusIfExists(name) != nil else { continue }
            try walk(try root.directory.openDirectory(name)) { entry, _ in
                if let digest = try? Digest("\(algorithm.rawValue):\(entry.name)") {
                    blobs.append((digest, entry.status))
                }
                return .prune
            }
        }
        return blobs
    }

    /// Removes what writers of dead processes left.
    func removeLeftovers() throws {
        let ingest = try root.directory.openDirectory("ingest")
        for entry in try ingest.entries() { try removeIfAbandoned(entry.name, in: ingest) }
    }

    static func path(_ digest: Digest) -> Path {
        Path("blobs").appending(digest.algorithm.rawValue).appending(digest.hex)
    }
}
