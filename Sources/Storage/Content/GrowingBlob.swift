import Glibc
import LinuxSystem
import Synchronization

/// A blob that is read by threads while it is still being written, at their own pace.
///
/// Readers see the end only after the writer has committed, so after its digest was checked; if the writer fails,
/// they get its error.
package final class GrowingBlob: Sendable {
    private struct State {
        var available: Int64 = 0
        var end: Result<Void, any Error>?
        /// Readers that wait, each by a pipe of its own.
        var waiting: [SharedDescriptor] = []
    }

    fileprivate enum Availability {
        case bytes(Int64)
        case ended
    }

    private let file: IngestFile
    private let state = Mutex(State())

    init(_ file: IngestFile) {
        self.file = file
    }

    /// A reader from the first byte on; only for threads that may block.
    package func makeReader() throws -> GrowingBlobReader {
        try GrowingBlobReader(self)
    }

    /// Tells readers that the file has this many bytes.
    func publish(_ size: Int64) {
        wake { $0.available = size }
    }

    /// Tells readers that there is no more, and that all was right.
    func end() {
        finish(.success(()))
    }

    /// Tells readers that the blob will never be complete; nothing after its end.
    package func fail(_ error: any Error) {
        finish(.failure(error))
    }

    /// Reads at an offset what is there.
    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try file.lock.descriptor.read(into: buffer, at: offset)
    }

    /// What there is beyond an offset; `nil` if that is not known yet, in which case `waker` gets a byte once it is.
    fileprivate func availability(beyond offset: Int64, waker: SharedDescriptor) throws -> Availability? {
        try state.withLock { state in
            // A failure first: bytes that turned out wrong are of no use.
            if case .failure(let error) = state.end { throw error }
            if state.available > offset { return .bytes(state.available - offset) }
            if state.end != nil { return .ended }
            state.waiting.append(waker)
            return nil
        }
    }

    private func finish(_ result: Result<Void, any Error>) {
        wake { state in
            if state.end == nil { state.end = result }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let wakers = state.withLock { state -> [SharedDescriptor] in
            change(&state)
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for waker in wakers { try? waker.descriptor.writeAll([1]) }
    }
}

/// Reads a growing blob once, from start to end; waits for bytes that are not there yet.
package struct GrowingBlobReader: ~Copyable, Sendable {
    private let blob: GrowingBlob
    private let wakeup: FileDescriptor
    private let waker: SharedDescriptor
    private var offset: Int64 = 0

    fileprivate init(_ blob: GrowingBlob) throws {
        let pipe = try FileDescriptor.pipe()
        let waker = SharedDescriptor(try pipe.write.duplicate())
        wakeup = try pipe.read.duplicate()
        self.waker = waker
        self.blob = blob
    }

    /// Reads at least one byte; 0 at the end of a blob that was committed.
    ///
    /// Throws the writer's error.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            switch try blob.availability(beyond: offset, waker: waker) {
            case .ended: return 0
            case .bytes(let count):
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(count))])
                let read = try blob.read(into: part, at: offset)
                offset += Int64(read)
                return read
            case nil:
                var byte: UInt8 = 0
                _ = try withUnsafeMutableBytes(of: &byte) { try wakeup.read(into: $0) }
            }
        }
    }
}
