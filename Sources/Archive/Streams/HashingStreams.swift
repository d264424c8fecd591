import OCI

/// Passes bytes on, and knows their digest and count; long streams are hashed on a thread of their own.
package struct HashingSink<Base: ByteSink & ~Copyable>: ByteSink, ~Copyable {
    private var base: Base
    private let meter: StreamMeter

    /// Hashes what goes to `base`.
    package init(_ base: consuming Base, algorithm: Digest.Algorithm = .sha256) {
        self.base = base
        meter = StreamMeter(algorithm)
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        try meter.add(bytes)
        try base.write(bytes)
    }

    /// The count of bytes until now.
    package var count: Int64 { meter.count }

    /// The digest of the bytes until now; waits until all are hashed.
    package var digest: Digest { meter.digest }

    /// Gives the sink behind back.
    package consuming func release() -> Base { base }
}

/// Reads from `base` and tells `meter` every byte.
struct MeteredSource<Base: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var base: Base
    private let meter: StreamMeter

    /// Reads `base`; `meter` stays with the caller.
    init(_ base: consuming Base, meter: StreamMeter) {
        self.base = base
        self.meter = meter
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try base.read(into: buffer)
        try meter.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }
}
