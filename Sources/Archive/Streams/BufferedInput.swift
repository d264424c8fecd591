/// Any source, behind a buffer that can be looked at before it is consumed.
///
/// It is a class, so that C callbacks can be given its address.
final class BufferedInput {
    private let fill: (UnsafeMutableRawBufferPointer) throws -> Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var sourceEnded = false
    /// What the source threw inside a C callback, to be thrown again outside of it.
    var failure: (any Error)?

    init<Source: ByteSource & ~Copyable>(_ source: consuming Source, capacity: Int = 1 << 18) {
        let box = SourceBox(source)
        fill = { try box.source.read(into: $0) }
        buffer = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// The bytes at hand: at least one unless the source has ended.
    func available() throws -> UnsafeRawBufferPointer {
        if start == end { try refill() }
        return UnsafeRawBufferPointer(rebasing: buffer[start..<end])
    }

    /// The next `count` bytes without consuming them; fewer where the source ends before.
    func peek(_ count: Int) throws -> [UInt8] {
        while end - start < count, !sourceEnded { try refill() }
        return Array(buffer[start..<min(end, start + count)])
    }

    /// Marks `count` of the available bytes as used.
    func consume(_ count: Int) {
        start += count
    }

    /// Moves available bytes into `target`; 0 at the end.
    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        if start == end, target.count >= buffer.count, !sourceEnded {
            let count = try fill(target)
            sourceEnded = count == 0
            return count
        }
        let bytes = try available()
        let count = min(bytes.count, target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        consume(count)
        return count
    }

    private func refill() throws {
        guard !sourceEnded else { return }
        if start == end {
            (start, end) = (0, 0)
        } else if start > 0 {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            buffer.copyMemory(from: rest)
            (start, end) = (0, rest.count)
        }
        let count = try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
        sourceEnded = count == 0
        end += count
    }
}

/// Gives a source that cannot be copied a place on the heap.
private final class SourceBox<Source: ByteSource & ~Copyable> {
    var source: Source

    init(_ source: consuming Source) {
        self.source = source
    }
}
