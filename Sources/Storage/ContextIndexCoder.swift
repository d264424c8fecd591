import LinuxSystem
import OCI

/// The file form of a context index: a magic text, records of fixed fields in any order, and the
/// SHA-256 of all that, since the file is not flushed and may be cut by a crash.
///
/// A record: path length (UInt32), path, device, inode, size (64 bits each), mode (UInt32), modified and changed
/// (Int64 seconds, UInt32 nanoseconds each), digest (32 bytes). Little-endian.
enum ContextIndexCoder {
    private static let magic = Array("swbuild context index 1\n".utf8)
    private static let fixedSize = 4 + 3 * 8 + 4 + 2 * 12 + 32

    static func encode(_ index: ContextIndex) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(magic.count + index.count * (fixedSize + 48) + 32)
        for (path, entry) in index.entries {
            append(UInt32(path.bytes.count), to: &bytes)
            bytes.append(contentsOf: path.bytes)
            append(entry.device, to: &bytes)
            append(entry.inode, to: &bytes)
            append(entry.size, to: &bytes)
            append(entry.mode, to: &bytes)
            append(entry.modified.seconds, to: &bytes)
            append(entry.modified.nanoseconds, to: &bytes)
            append(entry.changed.seconds, to: &bytes)
            append(entry.changed.nanoseconds, to: &bytes)
            bytes.append(contentsOf: entry.digest)
        }
        bytes.append(contentsOf: Array(Digest.sha256(of: bytes).hex.utf8))
        return bytes
    }

    /// `nil` for anything that `encode` did not write.
    static func decode(_ bytes: [UInt8]) -> ContextIndex? {
        let trailer = 64
        guard bytes.count >= magic.count + trailer, bytes.starts(with: magic) else { return nil }
        let body = bytes[..<(bytes.count - trailer)]
        guard Array(Digest.sha256(of: body).hex.utf8) == Array(bytes.suffix(trailer)) else { return nil }
        return bytes.withUnsafeBytes { buffer in
            decode(UnsafeRawBufferPointer(rebasing: buffer[magic.count..<(bytes.count - trailer)]))
        }
    }

    private static func decode(_ body: UnsafeRawBufferPointer) -> ContextIndex? {
        var entries: [Path: ContextIndex.Entry] = [:]
        entries.reserveCapacity(body.count / (fixedSize + 24))
        var reader = FieldReader(body)
        while !reader.isAtEnd {
            guard let length = reader.next(UInt32.self), let path = reader.next(count: Int(length)),
                reader.remaining >= fixedSize - 4, let device = reader.next(UInt64.self),
                let inode = reader.next(UInt64.self), let size = reader.next(Int64.self),
                let mode = reader.next(UInt32.self), let modified = reader.nextTime(),
                let changed = reader.nextTime(), let digest = reader.next(count: 32)
            else { return nil }
            entries[Path(bytes: path)] = ContextIndex.Entry(
                device: device,
                inode: inode,
                size: size,
                mode: mode,
                modified: modified,
                changed: changed,
                digest: digest
            )
        }
        var index = ContextIndex()
        index.entries = entries
        return index
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Reads fields one after the other; `nil` past the end.
private struct FieldReader {
    private let body: UnsafeRawBufferPointer
    private var offset = 0

    init(_ body: UnsafeRawBufferPointer) {
        self.body = body
    }

    var isAtEnd: Bool { offset == body.count }
    var remaining: Int { body.count - offset }

    mutating func next<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        guard remaining >= MemoryLayout<T>.size else { return nil }
        defer { offset += MemoryLayout<T>.size }
        return T(littleEndian: body.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    mutating func next(count: Int) -> [UInt8]? {
        guard count >= 0, remaining >= count else { return nil }
        defer { offset += count }
        return Array(body[offset..<(offset + count)])
    }

    mutating func nextTime() -> FileTime? {
        guard let seconds = next(Int64.self), let nanoseconds = next(UInt32.self) else { return nil }
        return FileTime(seconds: seconds, nanoseconds: nanoseconds)
    }
}
