import LinuxSystem

/// Reads a descriptor from its present offset to the end of the file.
package struct FileSource: ByteSource, ~Copyable {
    private let descriptor: FileDescriptor

    /// Takes the descriptor over and closes it at the end of its life.
    package init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try descriptor.read(into: buffer)
    }
}

/// Writes to a descriptor at its present offset, gathering small pieces.
package struct FileSink: ByteSink, ~Copyable {
    private let descriptor: FileDescriptor
    private var pending: [UInt8] = []
    private static let capacity = 1 << 18

    /// Takes the descriptor over; ``finish()`` gives it back.
    package init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
        pending.reserveCapacity(Self.capacity)
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        if pending.count + bytes.count > Self.capacity { try flush() }
        guard bytes.count < Self.capacity else { return try descriptor.writeAll(bytes) }
        pending.append(contentsOf: bytes)
    }

    private mutating func flush() throws {
        try pending.withUnsafeBytes { try descriptor.writeAll($0) }
        pending.removeAll(keepingCapacity: true)
    }

    /// Writes what is pending, without a sync, and gives the descriptor back.
    package consuming func finish() throws -> FileDescriptor {
        try flush()
        return descriptor
    }
}
