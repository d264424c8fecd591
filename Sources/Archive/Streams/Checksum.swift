import CDeflate

/// The CRC-32 of RFC 1952 (§8): tells damage, and nothing against intent.
package func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    libdeflate_crc32(0, bytes.baseAddress, bytes.count)
}
