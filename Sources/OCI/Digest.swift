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
    init(algorithm: Algorithm, hash: some Sequence<UInt8>) {
        self.algorithm = algorithm
        hex = hexText(hash)
    }

    /// Returns the SHA-256 digest of bytes that are in memory.
    package static func sha256(of bytes: some Sequence<UInt8>) -> Digest {
        var hasher = DigestHasher()
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { hasher.update(UnsafeRawBufferPointer($0)) }
        if contiguous == nil {
            hasher.update(Array(bytes))
        }
        return hasher.finalize()
    }

    /// Returns the SHA-256 digest of a text's UTF-8 bytes.
    package static func sha256(of text: String) -> Digest {
        var hasher = DigestHasher()
        hasher.update(text)
        return hasher.finalize()
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

private func hexText(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(128)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
