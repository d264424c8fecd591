import Glibc

/// Tells whether two files hold the same bytes; keeps its buffers from one pair to the next.
package struct ByteComparison: ~Copyable {
    private let left = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    private let right = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)

    package init() {}

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// Compares from where each descriptor stands to the end; ends at the first difference.
    package func areEqual(
        _ first: borrowing FileDescriptor,
        _ second: borrowing FileDescriptor
    ) throws(SystemError) -> Bool {
        while true {
            let count = try fill(left, from: first)
            guard try fill(right, from: second) == count, isEqual(count) else { return false }
            if count < left.count { return true }
        }
    }

    private func isEqual(_ count: Int) -> Bool {
        guard let left = left.baseAddress, let right = right.baseAddress else { return false }
        return memcmp(left, right, count) == 0
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer,
        from file: borrowing FileDescriptor
    ) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
