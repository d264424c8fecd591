import Glibc
import LinuxSystem
import Synchronization

/// Answers the system calls of one step's processes.
///
/// A type that is used by one thread only: that of its ``Supervision``.
package protocol SystemCallHandler: Sendable {
    /// Answers a call, or gives `nil` where it has answered already.
    mutating func answer(_ call: SystemCall, _ listener: borrowing SystemCallListener) -> SystemCallAnswer?
}

/// The supervision of one step: a thread that answers its system calls, as long as there are processes of it.
package final class Supervision: Sendable {
    private enum State {
        case idle
        case running
        case awaited(CheckedContinuation<Void, Never>)
        case ended
    }

    private let state = Mutex(State.idle)
    private let serve: @Sendable (borrowing SystemCallListener, borrowing FileDescriptor) -> Void
    /// A pipe whose writing end is closed to end the thread.
    private let stopped: FileDescriptor
    private let stop: Mutex<FileDescriptor?>

    /// A supervision by `handler`, which begins with the step that it is given to.
    package init(_ handler: some SystemCallHandler) throws(SystemError) {
        let pipe = try FileDescriptor.pipe()
        let write = try pipe.write.duplicate()
        stopped = try pipe.read.duplicate()
        stop = Mutex(write)
        serve = { listener, stopped in
            var handler = handler
            // An error is the end of the listener: what still waits fails with ENOSYS.
            while let call = try? listener.next(until: stopped) {
                if let answer = handler.answer(call, listener) { listener.answer(call, answer) }
            }
        }
    }

    /// Begins to answer, on a thread of its own; once.
    func begin(_ listener: consuming SystemCallListener) {
        state.withLock { $0 = .running }
        let shared = SharedListener(listener)
        do throws(SystemError) {
            try BlockingThread.start("supervisor") { [self] in
                leaveSharedPaths()
                serve(shared.listener, stopped)
                end()
            }
        } catch {
            end()
        }
    }

    private final class SharedListener: Sendable {
        let listener: SystemCallListener

        init(_ listener: consuming SystemCallListener) {
            self.listener = listener
        }
    }

    private func end() {
        let awaiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .ended }
            guard case .awaited(let continuation) = state else { return nil }
            return continuation
        }
        awaiting?.resume()
    }

    /// Waits until every call of the step is answered; the step has ended before.
    package func finish() async {
        stop.withLock { $0 = nil }
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                guard case .running = state else { return false }
                state = .awaited(continuation)
                return true
            }
            if !isRunning { continuation.resume() }
        }
    }
}
