import LinuxSystem

/// Compresses blocks on threads of its own and gives the results in the order of the blocks.
final class CompressionPool {
    private let queue: BlockQueue
    private let limit: Int
    private var submitted = 0
    private var taken = 0

    /// Starts `threads` threads, which end with this object.
    init(_ format: BlockFormat, level: Int, threads: Int) throws {
        let queue = BlockQueue()
        self.queue = queue
        limit = threads + 2
        for _ in 0..<threads {
            try BlockingThread.start("compress") { queue.serve(format, level: level) }
        }
    }

    deinit {
        queue.close()
    }

    /// Whether so many blocks are under way that a result must be taken first; this is what bounds memory.
    var isFull: Bool { submitted - taken >= limit }

    /// Whether every result was taken.
    var isDrained: Bool { submitted == taken }

    func submit(_ block: [UInt8]) {
        queue.push(block, number: submitted)
        submitted += 1
    }

    /// Waits for the oldest block's result.
    func next() throws(ArchiveError) -> [UInt8] {
        defer { taken += 1 }
        return try queue.result(of: taken).get()
    }
}

/// What the writer and the compressing threads share.
private final class BlockQueue: Sendable {
    private struct State {
        var waiting: [(number: Int, block: [UInt8])] = []
        var results: [Int: Result<[UInt8], ArchiveError>] = [:]
        var isClosed = false
    }

    private let monitor = Monitor(State())

    func push(_ block: [UInt8], number: Int) {
        monitor.update { $0.waiting.append((number, block)) }
    }

    func close() {
        monitor.update { $0.isClosed = true }
    }

    func result(of number: Int) -> Result<[UInt8], ArchiveError> {
        monitor.wait { $0.results.removeValue(forKey: number) }
    }

    /// The life of a compressing thread.
    func serve(_ format: BlockFormat, level: Int) {
        let codec = Result { () throws(ArchiveError) in try BlockCodec(format, level: level) }
        while let (number, block) = take() {
            let result = Result { () throws(ArchiveError) in try codec.get().compress(block) }
            monitor.update { $0.results[number] = result }
        }
    }

    /// Waits for the next block; nil when there will be none.
    private func take() -> (number: Int, block: [UInt8])? {
        monitor.wait { state -> (number: Int, block: [UInt8])?? in
            if state.isClosed { return .some(nil) }
            return state.waiting.isEmpty ? nil : .some(state.waiting.removeFirst())
        }
    }
}
