import Crypto

/// Computes a digest of bytes that arrive in pieces.
package struct DigestHasher: Sendable {
    private let algorithm: Digest.Algorithm
    private var hash: any HashFunction & Sendable

    /// Starts with no bytes.
    package init(_ algorithm: Digest.Algorithm = .sha256) {
        self.algorithm = algorithm
        hash =
            switch algorithm {
            case .sha256: SHA256()
            case .sha384: SHA384()
            case .sha512: SHA512()
            }
    }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
    }

    /// Adds bytes.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds a text's UTF-8 bytes.
    package mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// Returns the digest of what was added so far; more may be added afterwards.
    package func finalize() -> Digest {
        finalizeBytes().withUnsafeBytes { Digest(algorithm: algorithm, hash: $0) }
    }

    /// Returns the hash of what was added so far as raw bytes.
    package func finalizeBytes() -> [UInt8] {
        func bytes(_ hash: some HashFunction) -> [UInt8] { Array(hash.finalize()) }
        return bytes(hash)
    }
}
