import CLinux
import Glibc

/// How the bytes of a file got to another one.
package enum CopyMethod: Sendable, Hashable {
    /// All blocks are shared (FICLONE).
    case cloned
    /// Copied within the kernel.
    case ranged
    /// Read and written.
    case buffered
}

/// Copies everything from the position of `from` to the position of `to`, by the cheapest way that the
/// filesystems have; a clone only into an empty file and from the start.
///
/// What is small is read and written: asking for more costs more than it saves.
@discardableResult
package func copyFile(
    from: borrowing FileDescriptor,
    to: borrowing FileDescriptor
) throws(SystemError) -> CopyMethod {
    let source = from.raw
    let target = to.raw
    if try copySmall(source, target) { return .buffered }
    if canClone(source, target), clinux_clone_file(source, target) == 0 { return .cloned }
    var copied = false
    while true {
        let count = clinux_copy_range(source, target, 1 << 30)
        if count == -EINTR { continue }
        if count == 0 && copied { return .ranged }
        // Some filesystems (proc, fuse) give 0 where there is more: reading tells.
        if count <= 0 { break }
        copied = true
    }
    try copyBuffered(source, target)
    return copied ? .ranged : .buffered
}

/// Copies like `copyFile` and hands every byte that is now in `to` to `chunk`, in order.
@discardableResult
package func copyFile(
    from: borrowing FileDescriptor,
    to: borrowing FileDescriptor,
    hashing chunk: (UnsafeRawBufferPointer) throws -> Void
) throws -> CopyMethod {
    let source = from.raw
    let target = to.raw
    if canClone(source, target), clinux_clone_file(source, target) == 0 {
        // What is hashed is the clone: the original may change at any time.
        try readChunks(target, chunk)
        return .cloned
    }
    try copyBuffered(source, target, chunk)
    return .buffered
}

/// Copies what fits in one small buffer; false for more, of which the beginning is copied where it cannot be read again.
private func copySmall(_ source: Int32, _ target: Int32) throws(SystemError) -> Bool {
    let outcome: Result<Bool, SystemError> = withUnsafeTemporaryAllocation(byteCount: 1 << 15, alignment: 64) {
        buffer in
        do throws(SystemError) {
            var filled = 0
            while filled < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                let count = try libraryCall("read") { Glibc.read(source, rest.baseAddress, rest.count) }
                if count == 0 {
                    try FileDescriptor.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), to: target)
                    return .success(true)
                }
                filled += count
            }
            if lseek(source, -filled, SEEK_CUR) >= 0 { return .success(false) }
            // A pipe cannot be taken back.
            try FileDescriptor.writeAll(UnsafeRawBufferPointer(buffer), to: target)
            return .success(false)
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}

private func canClone(_ source: Int32, _ target: Int32) -> Bool {
    lseek(source, 0, SEEK_CUR) == 0 && lseek(target, 0, SEEK_CUR) == 0 && lseek(target, 0, SEEK_END) == 0
}

private func readChunks(_ source: Int32, _ chunk: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    while true {
        let count = try libraryCall("read") { pread(source, buffer.baseAddress, buffer.count, offset) }
        if count == 0 { return }
        try chunk(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        offset += count
    }
}

private func copyBuffered(_ source: Int32, _ target: Int32) throws(SystemError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 64)
    defer { buffer.deallocate() }
    while try copyChunk(source, target, buffer) > 0 {}
}

private func copyBuffered(
    _ source: Int32,
    _ target: Int32,
    _ chunk: (UnsafeRawBufferPointer) throws -> Void
) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 64)
    defer { buffer.deallocate() }
    while true {
        let count = try copyChunk(source, target, buffer)
        if count == 0 { return }
        try chunk(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
}

private func copyChunk(
    _ source: Int32,
    _ target: Int32,
    _ buffer: UnsafeMutableRawBufferPointer
) throws(SystemError) -> Int {
    let count = try libraryCall("read") { Glibc.read(source, buffer.baseAddress, buffer.count) }
    try FileDescriptor.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target)
    return count
}

/// Below the size from which malloc(3) asks the kernel for each buffer anew.
private let chunkSize = 1 << 16
