import NIOCore
import NIOPosix

/// A thread that sends and receives, and runs what tasks say there: the first request needs no other thread to begin or to
/// be woken.
package final class NetworkThread: TaskExecutor {
    let loop: any EventLoop

    private init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// Makes the present thread one, for as long as the process lasts; `body`, which must not block, runs there first.
    package static func run(_ body: @escaping (NetworkThread) -> Void) {
        MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { body(NetworkThread($0)) }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
