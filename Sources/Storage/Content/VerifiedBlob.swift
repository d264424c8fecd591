import LinuxSystem
import OCI

/// Reads a blob once, from start to end, and checks its digest at the end.
package struct VerifiedBlob: ~Copyable, Sendable {
    private let file: FileDescriptor
    private let digest: Digest
    private let store: ContentStore
    private var hasher: DigestHasher

    init(_ file: consuming FileDescriptor, _ digest: Digest, of store: ContentStore) {
        self.store = store
        self.file = file
        self.digest = digest
        hasher = DigestHasher(digest.algorithm)
    }

    /// Reads at least one byte; 0 at the end, or `digestMismatch` there, when the blob is removed.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try file.read(into: buffer)
        if count > 0 {
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } else {
            let actual = hasher.finalize()
            guard actual == digest else {
                try store.drop(digest)
                throw StorageError.digestMismatch(expected: digest, actual: actual)
            }
        }
        return count
    }
}
