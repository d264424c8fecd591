import Glibc
import Synchronization

/// Threads that do pieces of work which are handed to them one by one, in the order in which they come.
///
/// The first failure ends it: what waits is dropped, and the failure is thrown to whoever hands in more, or at the end.
package final class WorkerThreads: Sendable {
    /// A piece of work; it runs on any of the threads.
    package typealias Work = @Sendable () throws -> Void

    private struct State {
        /// What waits; nil ends the thread that takes it.
        var waiting: [Work?] = []
        var failure: (any Error)?
        /// The number of threads that were started.
        var threads = 0
    }

    private let state: Mutex<State>
    private let waiting = Semaphore()
    private let places = Semaphore(WorkerThreads.capacity)
    private let ended = Semaphore()

    /// The number of threads that pays for files: one a core, at least four because files also wait for the disk.
    package static var defaultCount: Int { min(8, max(4, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }

    private let name: String
    private let count: Int

    /// Runs `body` and returns when everything that it handed in is done and the threads have ended.
    ///
    /// There are up to `count` threads, started as work comes. `name` is what `ps` shows. Throws what `body` throws, else the first failure of a piece of work.
    package static func run<R>(
        _ name: String,
        count: Int = WorkerThreads.defaultCount,
        _ body: (WorkerThreads) throws -> R
    ) throws -> R {
        let workers = WorkerThreads(name, count)
        defer { workers.end() }
        let result = try body(workers)
        try workers.drain()
        return result
    }

    /// At most so many pieces wait, and with them their open files.
    private static let capacity = 64

    private init(_ name: String, _ count: Int) {
        self.name = name
        self.count = count
        state = Mutex(State())
    }

    /// Hands in a piece of work; waits where many are waiting already.
    ///
    /// By one thread at a time. Throws the first failure of any piece.
    package func submit(_ work: @escaping Work) throws {
        places.wait()
        let failure = state.withLock { state in
            if state.failure == nil { startThread(&state) }
            if state.failure == nil { state.waiting.append(work) }
            return state.failure
        }
        if let failure {
            places.signal()
            throw failure
        }
        waiting.signal()
    }

    /// Waits until everything handed in is done.
    ///
    /// Throws the first failure of any piece.
    package func drain() throws {
        // Whoever holds all places knows that none is in use.
        for _ in 0..<Self.capacity { places.wait() }
        for _ in 0..<Self.capacity { places.signal() }
        try state.withLock { state in
            if let failure = state.failure { throw failure }
        }
    }

    /// Starts one more thread, as long as there are fewer than there may be.
    private func startThread(_ state: inout State) {
        guard state.threads < count else { return }
        let code = BlockingThread.start(name) { [self] in work() }
        if code == 0 {
            state.threads += 1
        } else if state.threads == 0 {
            state.failure = SystemError("start thread", code: code)
        }
    }

    private func work() {
        while true {
            waiting.wait()
            let (next, isDropped) = state.withLock { ($0.waiting.removeFirst(), $0.failure != nil) }
            guard let next else { break }
            do {
                if !isDropped { try next() }
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
            }
            places.signal()
        }
        ended.signal()
    }

    private func end() {
        let threads = state.withLock { state in
            state.waiting += Array(repeating: nil, count: state.threads)
            return state.threads
        }
        for _ in 0..<threads { waiting.signal() }
        for _ in 0..<threads { ended.wait() }
    }
}

/// An open file that several may hold; it is closed when the last of them lets it go.
package final class SharedFile: Sendable {
    package let descriptor: FileDescriptor

    package init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}
