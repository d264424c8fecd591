/// Threads that do pieces of work which are handed to them one by one, in the order in which they come.
///
/// The first failure ends it: what waits is dropped, and the failure is thrown to whoever hands in more, or at the end.
package final class WorkerThreads: Sendable {
    /// A piece of work; it runs on any of the threads.
    package typealias Work = @Sendable () throws -> Void

    private struct State {
        var waiting: [Work] = []
        /// How many pieces a thread is at.
        var running = 0
        var failure: (any Error)?
        /// The number of threads that run.
        var threads = 0
        var isEnding = false
    }

    /// The number of threads that pays for files: one a core, at least four because files also wait for the disk.
    package static var defaultCount: Int { min(8, max(4, onlineProcessors)) }

    /// At most so many pieces wait or run, and with them their open files.
    private static let capacity = 64

    private let monitor = Monitor(State())
    private let name: String
    private let count: Int

    private init(_ name: String, _ count: Int) {
        self.name = name
        self.count = count
    }

    /// Runs `body` and returns when everything that it handed in is done and the threads have ended.
    ///
    /// There are up to `count` threads, started as work comes. `name` is what `ps` shows. Throws what `body` throws,
    /// else the first failure of a piece of work.
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

    /// Hands in a piece of work; waits where many are under way.
    ///
    /// Throws the first failure of any piece.
    package func submit(_ work: @escaping Work) throws {
        try monitor.wait { state -> Result<Void, any Error>? in
            guard state.failure == nil else { return outcome(state) }
            guard state.waiting.count + state.running < Self.capacity else { return nil }
            startThread(&state)
            if state.failure == nil { state.waiting.append(work) }
            return outcome(state)
        }.get()
    }

    /// Waits until everything handed in is done.
    ///
    /// Throws the first failure of any piece.
    package func drain() throws {
        try monitor.wait { state in
            state.waiting.isEmpty && state.running == 0 ? outcome(state) : nil
        }.get()
    }

    private func outcome(_ state: State) -> Result<Void, any Error> {
        if let failure = state.failure { .failure(failure) } else { .success(()) }
    }

    /// Starts one more thread, as long as there are fewer than there may be.
    private func startThread(_ state: inout State) {
        guard state.threads < count else { return }
        do throws(SystemError) {
            try BlockingThread.start(name) { [self] in while work() {} }
            state.threads += 1
        } catch {
            if state.threads == 0 { state.failure = error }
        }
    }

    /// Does the next piece of work; false when there will be none.
    private func work() -> Bool {
        let next = monitor.wait { state -> Work?? in
            if let next = state.waiting.first {
                state.waiting.removeFirst()
                state.running += 1
                return next
            }
            guard state.isEnding else { return nil }
            state.threads -= 1
            return .some(nil)
        }
        guard let next else { return false }
        let result = Result { try next() }
        monitor.update { state in
            state.running -= 1
            guard case .failure(let error) = result, state.failure == nil else { return }
            state.failure = error
            state.waiting = []
        }
        return true
    }

    private func end() {
        monitor.update { $0.isEnding = true }
        monitor.wait { $0.threads == 0 ? () : nil }
    }
}
