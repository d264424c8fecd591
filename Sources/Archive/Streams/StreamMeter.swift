import OCI

/// Digest and count of a stream that something else reads to its end.
///
/// Long streams are hashed on a thread of their own, while the reader goes on; at most a few megabytes are under way.
final class StreamMeter {
    private var hasher = DigestHasher(.sha256)
    private var thread: HashingThread?
    private var block: [UInt8] = []
    /// The count of bytes until now.
    private(set) var count: Int64 = 0

    private static let blockSize = 1 << 18

    func add(_ bytes: UnsafeRawBufferPointer) throws {
        count += Int64(bytes.count)
        block.append(contentsOf: bytes)
        guard block.count >= Self.blockSize else { return }
        let thread = try self.thread ?? HashingThread()
        self.thread = thread
        block = thread.exchange(block)
    }

    /// The digest of all bytes; nothing may be added afterwards.
    func finish() -> Digest {
        guard let thread else {
            hasher.update(block)
            return hasher.finalize()
        }
        return thread.finish(block)
    }
}

/// Hashes blocks in their order on another thread.
private final class HashingThread {
    private struct State {
        var blocks: [[UInt8]] = []
        var spare: [[UInt8]] = []
        var isComplete = false
        var isAbandoned = false
        var digest: Digest?
    }

    private let monitor = Monitor(State())
    private static let limit = 8

    init() throws(ArchiveError) {
        let monitor = self.monitor
        try CodecThread.start { Self.serve(monitor) }
    }

    deinit {
        monitor.update { $0.isAbandoned = true }
    }

    /// Takes a block, waiting where too many are under way, and gives an empty one.
    func exchange(_ block: [UInt8]) -> [UInt8] {
        monitor.wait { state in
            guard state.blocks.count < Self.limit else { return nil }
            state.blocks.append(block)
            return state.spare.popLast() ?? []
        }
    }

    func finish(_ last: [UInt8]) -> Digest {
        monitor.update {
            $0.blocks.append(last)
            $0.isComplete = true
        }
        return monitor.wait { $0.digest }
    }

    private static func serve(_ monitor: Monitor<State>) {
        var hasher = DigestHasher(.sha256)
        while var block = take(monitor) {
            hasher.update(block)
            block.removeAll(keepingCapacity: true)
            monitor.update { $0.spare.append(block) }
        }
        let digest = hasher.finalize()
        monitor.update { $0.digest = digest }
    }

    /// The next block; nil after the last one.
    private static func take(_ monitor: Monitor<State>) -> [UInt8]? {
        monitor.wait { state -> [UInt8]?? in
            if state.isAbandoned { return .some(nil) }
            if !state.blocks.isEmpty { return .some(state.blocks.removeFirst()) }
            return state.isComplete ? .some(nil) : nil
        }
    }
}
