/// Bytes that are read once, from the beginning to the end.
package protocol ByteSource: ~Copyable {
    /// Reads at least one byte into `buffer`, which is not empty; 0 at the end, and again at every later call.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A place that takes bytes in order.
package protocol ByteSink: ~Copyable {
    /// Takes all of `bytes` or throws; after an error the sink is of no more use.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws
}

extension ByteSink where Self: ~Copyable {
    /// Takes all of `bytes` or throws.
    package mutating func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }
}

extension ByteSource where Self: ~Copyable {
    /// Reads to the end and hands everything to `sink`; returns the count of bytes.
    @discardableResult
    package mutating func copy<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { buffer.deallocate() }
        var total: Int64 = 0
        while true {
            let count = try read(into: buffer)
            if count == 0 { return total }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
        }
    }
}
