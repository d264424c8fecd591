import CLinux
import Glibc

/// A system call of another process that waits for an answer (seccomp_unotify(2)).
package struct SystemCall: Sendable {
    private let raw: clinux_notification

    fileprivate init(_ raw: clinux_notification) {
        self.raw = raw
    }

    fileprivate var id: UInt64 { raw.id }
    /// The thread that made the call.
    package var process: CallingProcess { CallingProcess(id: raw.process, root: knownRoot) }
    /// A descriptor of the caller's root directory, where it is known without asking; else -1.
    package var knownRoot: Int32 = -1
    /// AUDIT_ARCH_* of the call.
    package var architecture: UInt32 { raw.architecture }
    package var number: Int32 { raw.number }

    /// The argument at an index from 0 to 5, as the kernel got it.
    package subscript(index: Int) -> UInt64 {
        withUnsafeBytes(of: raw.arguments) { $0.load(fromByteOffset: index * 8, as: UInt64.self) }
    }

    /// An argument that is a number of 32 bits.
    package func number(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: self[index]) }

    /// An argument that is a descriptor, or AT_FDCWD.
    package func descriptor(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: self[index]) }
}

/// What becomes of a system call.
package enum SystemCallAnswer: Hashable, Sendable {
    /// The kernel carries it out, with the arguments as they are by then.
    case proceed
    case value(Int64)
    /// A positive errno.
    case failure(Int32)
}

/// Where the system calls of a seccomp filter arrive that are to be answered.
///
/// Whoever makes such a call waits; when the listener is closed, the calls fail with ENOSYS.
package struct SystemCallListener: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// Takes the descriptor that seccomp(2) gave for SECCOMP_FILTER_FLAG_NEW_LISTENER.
    package init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
        // EINVAL before kernel 6.6: then each call costs two wakings of another processor.
        _ = clinux_notification_wake_together(self.descriptor.raw)
    }

    /// Waits for the next call; `nil` once every process of the filter has ended, or none is left and `stop` is readable.
    package func next(until stop: borrowing FileDescriptor) throws(SystemError) -> SystemCall? {
        var raw = clinux_notification()
        let received = try kernelCall("receive system call") {
            clinux_notification_receive(descriptor.raw, stop.raw, &raw)
        }
        return received == 0 ? nil : SystemCall(raw)
    }

    /// Whether the caller still waits: what was read of its memory before was its own.
    package func isWaiting(_ call: SystemCall) -> Bool {
        clinux_notification_is_valid(descriptor.raw, call.id) != 0
    }

    /// Answers; that the caller was killed meanwhile is no error.
    package func answer(_ call: SystemCall, _ answer: SystemCallAnswer) {
        switch answer {
        case .proceed: _ = clinux_notification_answer(descriptor.raw, call.id, 0, 0, 1)
        case .value(let value): _ = clinux_notification_answer(descriptor.raw, call.id, value, 0, 0)
        case .failure(let code): _ = clinux_notification_answer(descriptor.raw, call.id, 0, code, 0)
        }
    }

    /// Gives the caller a descriptor of the same open file, whose number is the call's value; kernel 5.14.
    package func answer(
        _ call: SystemCall,
        opened file: borrowing FileDescriptor,
        closeOnExec: Bool
    ) throws(SystemError) {
        _ = try kernelCall("hand over descriptor") {
            clinux_notification_answer_descriptor(descriptor.raw, call.id, file.raw, closeOnExec ? 1 : 0)
        }
    }
}
