import Crypto

/// Computes a digest of bytes that arrive in pieces.
package struct DigestHasher: Sendable {
    private enum State: Sendable {
        case sha256(SHA256)
        case sha384(SHA384)
        case sha512(SHA512)
        /// While the hash is taken out to be changed: a second reference to it would make it copy itself.
        case taken
    }

    private var state: State

    /// Starts with no bytes.
    package init(_ algorithm: Digest.Algorithm = .sha256) {
        state =
            switch algorithm {
            case .sha256: .sha256(SHA256())
            case .sha384: .sha384(SHA384())
            case .sha512: .sha512(SHA512())
            }
    }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .sha256(var hash):
            state = .taken
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        case .sha384(var hash):
            state = .taken
            hash.update(bufferPointer: bytes)
            state = .sha384(hash)
        case .sha512(var hash):
            state = .taken
            hash.update(bufferPointer: bytes)
            state = .sha512(hash)
        case .taken: preconditionFailure("a hash is put back before the call that took it returns")
        }
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
        switch state {
        case .sha256(let hash): Digest(algorithm: .sha256, hash: hash.finalize())
        case .sha384(let hash): Digest(algorithm: .sha384, hash: hash.finalize())
        case .sha512(let hash): Digest(algorithm: .sha512, hash: hash.finalize())
        case .taken: preconditionFailure("a hash is put back before the call that took it returns")
        }
    }

    /// Returns the hash of what was added so far as raw bytes.
    package func finalizeBytes() -> [UInt8] {
        switch state {
        case .sha256(let hash): Array(hash.finalize())
        case .sha384(let hash): Array(hash.finalize())
        case .sha512(let hash): Array(hash.finalize())
        case .taken: preconditionFailure("a hash is put back before the call that took it returns")
        }
    }
}
