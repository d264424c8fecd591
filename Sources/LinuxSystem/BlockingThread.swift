import CLinux
import Glibc

/// Runs what blocks on a thread of its own, never on the cooperative pool.
package enum BlockingThread {
    /// Runs `body` on a new thread and waits for it without blocking one of the pool.
    ///
    /// Cancelling the task sets the flag; the body decides when to look. The thread is always awaited.
    /// `name` is what `ps` and debuggers show, cut to 15 bytes.
    package static func run<T: Sendable>(
        _ name: String,
        _ body: @Sendable @escaping (CancellationFlag) throws -> T
    ) async throws -> T {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
                do throws(SystemError) {
                    try start(name) { continuation.resume(with: Result { try body(flag) }) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            flag.cancel()
        }
    }

    private static let stackSize = 2 << 20

    /// Starts a detached thread that runs `body`; what it shares decides when it ends.
    ///
    /// With `elsewhere` it begins on another processor than the one that it is started from. Linux often lets a new thread wait
    /// for that one, for some milliseconds, while others are idle.
    package static func start(
        _ name: String,
        elsewhere: Bool = false,
        _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var processors: clinux_processors?
        if elsewhere {
            var all = clinux_processors()
            if clinux_begin_elsewhere(&attributes, &all) == 0 { processors = all }
        }
        let start = Unmanaged.passRetained(ThreadStart(name, processors, body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
                if var processors = start.processors { clinux_run_anywhere(&processors) }
                clinux_name_thread(start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        if code != 0 {
            start.release()
            // Whoever may not choose the processor takes what comes.
            if processors != nil { return try Self.start(name, body) }
            throw SystemError("start thread", code: code)
        }
    }
}

/// The processors that are online, at least one.
package var onlineProcessors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// What a new thread is given.
private final class ThreadStart: Sendable {
    let name: String
    /// Those that it may run on once it has begun; nil for no change.
    let processors: clinux_processors?
    let body: @Sendable () -> Void

    init(_ name: String, _ processors: clinux_processors?, _ body: @escaping @Sendable () -> Void) {
        self.processors = processors
        self.name = String(decoding: Array(name.utf8).prefix(15), as: UTF8.self)
        self.body = body
    }
}
