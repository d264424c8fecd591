import Glibc
import LinuxSystem

/// Threads for codecs, which run while a caller of theirs blocks on its own thread.
enum CodecThread {
    /// Runs `body` on a new detached thread; what it shares decides when it ends.
    static func start(_ body: @escaping @Sendable () -> Void) throws(ArchiveError) {
        let start = Unmanaged.passRetained(ThreadStart(body))
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            start.toOpaque()
        )
        if code != 0 {
            start.release()
            throw .noThread(SystemError("start thread", code: code))
        }
    }
}

/// The processors that are online, at least one.
package var onlineProcessors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// What a new thread is given.
private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
