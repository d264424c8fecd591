import LinuxSystem
import Synchronization

/// A pipe whose reading end is used by one thread, and whose writing end is closed by another.
final class SharedPipe: Sendable {
    private let readEnd: FileDescriptor
    private let writing: Mutex<FileDescriptor?>
    /// The number of the writing end, for handing on; not to be closed by others.
    let writeEnd: Int32

    /// The number of the reading end, for handing on; not to be closed by others.
    var readEndNumber: Int32 { readEnd.raw }

    init() throws(SystemError) {
        let pipe = try FileDescriptor.pipe()
        let write = try pipe.write.duplicate()
        writeEnd = write.raw
        readEnd = try pipe.read.duplicate()
        writing = Mutex(write)
    }

    /// Reads from a fifo that others open by its name.
    init(_ fifo: Path, in directory: borrowing Directory) throws(SystemError) {
        // Both ends, so that neither opening waits; what is read ends with the last writer, of whom this is one.
        let write = try directory.openFile(fifo, [.readWrite, .noFollow], .noSymlinks)
        writeEnd = write.raw
        readEnd = try directory.openFile(fifo, [.readOnly, .noFollow], .noSymlinks)
        writing = Mutex(write)
    }

    /// Reads what is there; 0 when every writing end is closed.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try readEnd.read(into: buffer)
    }

    /// Closes this process's writing end; idempotent.
    func closeWriteEnd() {
        writing.withLock { $0 = nil }
    }
}
