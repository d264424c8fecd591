import OCI

/// Bytes that two values have in common only if they are equal: every field has a fixed place, and everything of
/// varying length has its length in front.
struct CanonicalEncoder {
    /// What the bytes are for.
    enum Purpose: String {
        /// Everything that is said about a vertex counts.
        case identity
        /// Only what can make a difference to the result counts; spec/05 §5.2 and §5.3.
        case cacheKey
    }

    let purpose: Purpose
    private(set) var bytes: [UInt8] = []

    init(_ purpose: Purpose) {
        self.purpose = purpose
        bytes.reserveCapacity(1024)
        append("swbuild.\(purpose.rawValue).v1")
    }

    var digest: Digest { .sha256(of: bytes) }

    mutating func append(_ bytes: [UInt8]) {
        append(bytes.count)
        self.bytes.append(contentsOf: bytes)
    }

    mutating func append(_ text: String) {
        append(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ number: some FixedWidthInteger) {
        var value = UInt64(truncatingIfNeeded: number)
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: value))
            value >>= 8
        }
    }

    mutating func append(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    mutating func append<Value>(_ value: Value?, _ encode: (inout CanonicalEncoder, Value) -> Void) {
        append(value != nil)
        if let value {
            encode(&self, value)
        }
    }

    mutating func append<Element>(_ list: [Element], _ encode: (inout CanonicalEncoder, Element) -> Void) {
        append(list.count)
        for element in list {
            encode(&self, element)
        }
    }

    mutating func append(_ list: [String]) {
        append(list) { $0.append($1) }
    }

    mutating func append(_ text: String?) {
        append(text) { (encoder: inout CanonicalEncoder, value: String) in encoder.append(value) }
    }

    mutating func append(_ digest: Digest) {
        // Its description, without making one.
        let algorithm = digest.algorithm.rawValue.utf8
        append(algorithm.count + 1 + digest.hex.utf8.count)
        bytes.append(contentsOf: algorithm)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: digest.hex.utf8)
    }

    mutating func append(_ platform: Platform) {
        append(platform.os)
        append(platform.architecture)
        append(platform.variant)
        append(platform.osVersion)
        append(platform.osFeatures)
    }
}
