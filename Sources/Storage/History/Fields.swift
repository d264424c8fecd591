import Archive

/// Numbers of few bytes where they are small, seven bits each, and bytes.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    mutating func append(framed more: [UInt8]) {
        append(number: UInt64(more.count))
        append(more)
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// Reads what ``FieldWriter`` wrote; nil at the end, and where the stream ends or is wrong.
struct FieldSource: ~Copyable {
    private var source: DecompressingSource
    private var buffer: [UInt8] = []
    private var position = 0
    private var remaining: Int

    /// Reads at most `limit` bytes.
    init(_ source: consuming DecompressingSource, limit: Int) {
        self.source = source
        remaining = limit
    }

    mutating func number() throws -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = try byte() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func bytes(_ count: Int) throws -> [UInt8]? {
        guard count >= 0, count <= remaining + buffer.count - position else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            guard try fill() else { return nil }
            let piece = buffer[position...].prefix(count - result.count)
            result += piece
            position += piece.count
        }
        return result
    }

    mutating func byte() throws -> UInt8? {
        guard try fill() else { return nil }
        defer { position += 1 }
        return buffer[position]
    }

    /// Makes sure that there is a byte to read, if there is any.
    private mutating func fill() throws -> Bool {
        if position < buffer.count { return true }
        guard remaining > 0 else { return false }
        let size = min(1 << 16, remaining)
        if buffer.count != size { buffer = [UInt8](repeating: 0, count: size) }
        let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
        buffer.removeLast(buffer.count - count)
        position = 0
        remaining -= count
        return count > 0
    }
}
