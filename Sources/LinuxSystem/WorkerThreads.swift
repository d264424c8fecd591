/// Threads that do pieces of work which are handed to them one by one, in the order in which they come.
///
/// Small pieces go to a thread several at a time: to wake one costs more than to copy a small file. The first failure ends
/// it: what waits is dropped, and the failure is thrown to whoever hands in more, or at the end.
package final class WorkerThreads: Sendable {
    /// A piece of work; it runs on any of the threads.
    package typealias Work = @Sendable () throws -> Void

    /// Pieces that one thread does.
    private struct Batch {
        var pieces: [Work] = []
        /// The bytes that they read.
        var size: Int64 = 0

        var isFull: Bool { pieces.count >= Batch.capacity || size >= Batch.largeSize }

        static let capacity = 8
        static let largeSize: Int64 = 1 << 18
    }

    private struct State {
        /// What is being gathered.
        var open = Batch()
        var waiting: [Batch] = []
        /// How many batches a thread is at.
        var running = 0
        var failure: (any Error)?
        /// The number of threads that run.
        var threads = 0
        /// How many of them have nothing to do.
        var idle = 0
        /// Whether somebody waits for batches to be done.
        var isAwaited = false
        var isEnding = false
    }

    /// The number of threads that pays for files: one a core, at least four because files also wait for the disk.
    package static var defaultCount: Int { min(8, max(4, onlineProcessors)) }

    /// At most so many batches wait or run, and with them their open files.
    private static let capacity = 8

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

    /// Hands in a piece of work that reads about `size` bytes; waits where many are under way.
    ///
    /// It may only begin with later pieces, or when all is drained. Throws the first failure of any piece.
    package func submit(size: Int64, _ work: @escaping Work) throws {
        let early = monitor.updateQuietly { state -> Result<Void, any Error>? in
            guard state.failure == nil else { return outcome(state) }
            state.open.pieces.append(work)
            state.open.size += size
            return state.open.isFull ? nil : outcome(state)
        }
        if let early { return try early.get() }
        try monitor.wait { state -> Result<Void, any Error>? in
            guard state.failure == nil else { return outcome(state) }
            guard state.waiting.count + state.running < Self.capacity else {
                state.isAwaited = true
                return nil
            }
            closeBatch(&state)
            return outcome(state)
        }.get()
    }

    /// Waits until everything handed in is done.
    ///
    /// Throws the first failure of any piece.
    package func drain() throws {
        monitor.update { closeBatch(&$0) }
        try monitor.wait { state -> Result<Void, any Error>? in
            if state.waiting.isEmpty && state.running == 0 { return outcome(state) }
            state.isAwaited = true
            return nil
        }.get()
    }

    /// Lets a thread have what was gathered.
    private func closeBatch(_ state: inout State) {
        guard state.failure == nil, !state.open.pieces.isEmpty else { return }
        if state.waiting.count >= state.idle { startThread(&state) }
        if state.failure == nil { state.waiting.append(state.open) }
        state.open = Batch()
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

    /// Does the next batch; false when there will be none.
    private func work() -> Bool {
        monitor.updateQuietly { $0.idle += 1 }
        let next = monitor.waitQuietly { state -> Batch?? in
            if !state.waiting.isEmpty {
                state.idle -= 1
                state.running += 1
                return state.waiting.removeFirst()
            }
            guard state.isEnding else { return nil }
            state.idle -= 1
            state.threads -= 1
            return .some(nil)
        }
        guard let next else {
            monitor.update { _ in }
            return false
        }
        let result = Result { for piece in next.pieces { try piece() } }
        let isAwaited = monitor.updateQuietly { state in
            state.running -= 1
            if case .failure(let error) = result, state.failure == nil {
                state.failure = error
                state.waiting = []
                state.open = Batch()
                return true
            }
            return state.isAwaited
        }
        if isAwaited { monitor.update { $0.isAwaited = false } }
        return true
    }

    private func end() {
        monitor.update { state in
            closeBatch(&state)
            state.isEnding = true
        }
        monitor.wait { $0.threads == 0 ? () : nil }
    }
}
