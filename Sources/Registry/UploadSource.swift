import AsyncHTTPClient
import LinuxSystem
import NIOCore
import NIOPosix
import OCI

/// The bytes of a blob that is sent.
package struct UploadSource: Sendable {
    /// An open file, shared by the tries.
    private final class File: Sendable {
        let descriptor: LinuxSystem.FileDescriptor

        init(_ descriptor: consuming LinuxSystem.FileDescriptor) {
            self.descriptor = descriptor
        }
    }

    private enum Storage {
        case bytes([UInt8])
        case file(File)
    }

    private let storage: Storage

    /// Sends bytes that are in memory.
    package init(_ bytes: [UInt8]) {
        storage = .bytes(bytes)
    }

    /// Sends a file from its beginning; the descriptor stays the caller's and may be closed at once.
    package init(_ file: borrowing LinuxSystem.FileDescriptor) throws(SystemError) {
        storage = .file(File(try file.duplicate()))
    }

    /// Returns the body of one try, which reports its progress.
    func body(_ descriptor: Descriptor, onProgress: @escaping @Sendable (Int64) -> Void) -> HTTPClientRequest.Body {
        switch storage {
        case .bytes(let bytes): .bytes(ByteBuffer(bytes: bytes))
        case .file(let file):
            .stream(
                Chunks(file: file, size: descriptor.size, onProgress: onProgress),
                length: .known(descriptor.size)
            )
        }
    }

    /// A file's bytes, read on threads that may block.
    private struct Chunks: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        let file: File
        let size: Int64
        let onProgress: @Sendable (Int64) -> Void

        func makeAsyncIterator() -> Iterator {
            Iterator(chunks: self)
        }

        struct Iterator: AsyncIteratorProtocol {
            let chunks: Chunks
            var offset: Int64 = 0

            mutating func next() async throws -> ByteBuffer? {
                chunks.onProgress(offset)
                guard offset < chunks.size else { return nil }
                let count = Int(Swift.min(256 << 10, chunks.size - offset))
                let buffer = try await NIOThreadPool.singleton.runIfActive { [file = chunks.file, offset] in
                    var buffer = ByteBufferAllocator().buffer(capacity: count)
                    try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                        try file.descriptor.read(
                            into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]),
                            at: offset
                        )
                    }
                    return buffer
                }
                // A file that became shorter ends here; the library notices that the length is wrong.
                guard buffer.readableBytes > 0 else { return nil }
                offset += Int64(buffer.readableBytes)
                return buffer
            }
        }
    }
}
