import Archive
import LinuxSystem

/// The file form of a path table: a magic text, the records, and a CRC-32 (little-endian) of all that, since such a file is
/// not flushed and may be cut by a crash.
struct PathTableFile {
    let magic: [UInt8]
    let valueSize: Int

    func encode(_ table: PathTable) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(magic.count + table.bytes.count + PathTableFile.trailerSize)
        bytes.append(contentsOf: table.bytes)
        let checksum = bytes.withUnsafeBytes { crc32($0) }
        withUnsafeBytes(of: checksum.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// `nil` for anything that `encode` did not write.
    func decode(_ bytes: [UInt8]) -> PathTable? {
        let end = bytes.count - PathTableFile.trailerSize
        guard end >= magic.count, bytes.starts(with: magic) else { return nil }
        let isWhole = bytes.withUnsafeBytes { buffer in
            let checksum = UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: end, as: UInt32.self))
            return crc32(UnsafeRawBufferPointer(rebasing: buffer[..<end])) == checksum
        }
        return isWhole ? PathTable(valueSize: valueSize, Array(bytes[magic.count..<end])) : nil
    }

    private static let trailerSize = MemoryLayout<UInt32>.size
}
