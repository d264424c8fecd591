import OCI

/// What a stream is compressed with, told from its first bytes.
package enum CompressionFormat: String, Hashable, Sendable, CaseIterable {
    case uncompressed
    case gzip
    case zstd
    case xz
    case bzip2

    /// How many bytes ``init(sniffing:)`` looks at.
    static let sniffedCount = 10

    /// The format whose magic number `prefix` begins with; anything else is uncompressed.
    package init(sniffing prefix: some Collection<UInt8>) {
        let prefix = Array(prefix.prefix(Self.sniffedCount))
        self =
            if prefix.starts(with: [0x1f, 0x8b, 0x08]) {
                .gzip
            } else if Self.isZstd(prefix) {
                .zstd
            } else if prefix.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
                .xz
            } else if prefix.starts(with: Array("BZh".utf8)) && Self.isBzip2Block(prefix.dropFirst(3)) {
                .bzip2
            } else {
                .uncompressed
            }
    }

    package init(_ compression: LayerCompression) {
        self =
            switch compression {
            case .uncompressed: .uncompressed
            case .gzip: .gzip
            case .zstd: .zstd
            }
    }

    /// A frame (RFC 8878 §3.1.1), or a skippable frame before it (§3.1.2).
    private static func isZstd(_ prefix: [UInt8]) -> Bool {
        prefix.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
            || (prefix.count >= 4 && prefix[0] & 0xf0 == 0x50 && prefix[1...3].elementsEqual([0x2a, 0x4d, 0x18]))
    }

    /// A level digit, then the magic number of a block or of the end of the stream.
    private static func isBzip2Block(_ rest: ArraySlice<UInt8>) -> Bool {
        guard let level = rest.first, (0x31...0x39).contains(level) else { return false }
        let block: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
        let end: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        return rest.dropFirst().elementsEqual(block) || rest.dropFirst().elementsEqual(end)
    }
}
