/// Reads an array.
package struct MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0
    private let chunk: Int

    /// Reads `bytes`, at most `chunk` of them at a time.
    package init(_ bytes: [UInt8], chunk: Int = .max) {
        self.bytes = bytes
        self.chunk = chunk
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position, chunk)
        bytes.withUnsafeBytes { source in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
        }
        position += count
        return count
    }
}

/// Keeps all bytes in an array; for what is known to be small.
package struct MemorySink: ByteSink {
    /// What was written until now.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        self.bytes.append(contentsOf: bytes)
    }
}

/// Forgets all bytes; with ``HashingSink`` around it, for a digest alone.
package struct DiscardingSink: ByteSink {
    package init() {}

    package mutating func write(_ bytes: UnsafeRawBufferPointer) {}
}
