import Crypto

/// A content digest in the form `sha256:<64 lowercase hex characters>`.
package struct Digest: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// A hash function that a digest may name.
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha256
        case sha384
        case sha512

        /// The number of hex characters of a digest.
        package var hexLength: Int {
            switch self {
            case .sha256: 64
            case .sha384: 96
            case .sha512: 128
            }
        }
    }

    /// The hash function.
    package let algorithm: Algorithm
    /// The hash, in lowercase hex.
    package let hex: String

    /// Parses `algorithm:hex` strictly: a known algorithm, its exact length, lowercase.
    package init(_ text: String) throws(DigestError) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw .invalidFormat(text) }
        guard let algorithm = Algorithm(rawValue: String(text[..<colon])) else { throw .unsupportedAlgorithm(text) }
        let hex = text[text.utf8.index(after: colon)...]
        guard hex.utf8.count == algorithm.hexLength else { throw .invalidLength(text) }
        guard hex.utf8.allSatisfy(isLowerHex) else { throw .invalidFormat(text) }
        self.algorithm = algorithm
        self.hex = String(hex)
    }

    /// Wraps the raw bytes of a finished hash.
    init(algorithm: Algorithm, hash: UnsafeRawBufferPointer) {
        self.algorithm = algorithm
        hex = hexText(hash)
    }

    /// Returns the SHA-256 digest of bytes that are in memory.
    package static func sha256(of bytes: some Sequence<UInt8>) -> Digest {
        bytes.withContiguousStorageIfAvailable { sha256(of: UnsafeRawBufferPointer($0)) } ?? sha256(of: Array(bytes))
    }

    /// Returns the SHA-256 digest of a text's UTF-8 bytes.
    package static func sha256(of text: String) -> Digest {
        var text = text
        return text.withUTF8 { sha256(of: UnsafeRawBufferPointer($0)) }
    }

    private static func sha256(of bytes: UnsafeRawBufferPointer) -> Digest {
        // Not by the hasher: a graph is thousands of short texts.
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hash.finalize().withUnsafeBytes { Digest(algorithm: .sha256, hash: $0) }
    }

    package func hash(into hasher: inout Hasher) {
        // Hashes of two algorithms differ anyway.
        hasher.combine(hex)
    }

    package var description: String { "\(algorithm.rawValue):\(hex)" }

    package static func < (left: Digest, right: Digest) -> Bool {
        left.algorithm == right.algorithm
            ? left.hex < right.hex : left.algorithm.rawValue < right.algorithm.rawValue
    }

    package init(from decoder: any Decoder) throws {
        try self.init(String(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try description.encode(to: encoder)
    }
}

private func isLowerHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}

private func hexText(_ bytes: UnsafeRawBufferPointer) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
        for (index, byte) in bytes.enumerated() {
            text[2 * index] = hexDigit(byte >> 4)
            text[2 * index + 1] = hexDigit(byte & 15)
        }
        return 2 * bytes.count
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
