import LinuxSystem
import OCI

/// Digest and count of a stream that goes elsewhere.
///
/// Long streams are hashed on a thread of their own, while the caller goes on; at most a few megabytes are under way.
final class StreamMeter {
    private var hasher: DigestHasher
    private var thread: HashingThread?
    private var block: [UInt8] = []
    /// The count of bytes until now.
    private(set) var count: Int64 = 0

    private static let blockSize = 1 << 18

    init(_ algorithm: Digest.Algorithm = .sha256) {
        hasher = DigestHasher(algorithm)
    }

    func add(_ bytes: UnsafeRawBufferPointer) throws {
        count += Int64(bytes.count)
        block.append(contentsOf: bytes)
        guard block.count >= Self.blockSize else { return }
        let thread = try self.thread ?? HashingThread(hasher)
        self.thread = thread
        block = thread.exchange(block)
    }

    /// The digest of the bytes until now.
    var digest: Digest {
        if let thread { return thread.digest(after: block) }
        var hasher = hasher
        hasher.update(block)
        return hasher.finalize()
    }
}

/// Hashes blocks in their order on another thread.
private final class HashingThread {
    private struct State {
        var blocks: [[UInt8]] = []
        var spare: [[UInt8]] = []
        /// Hashed on top of all blocks, for a digest.
        var tail: [UInt8]?
        var digest: Digest?
        var isAbandoned = false
    }

    private enum Work {
        case block([UInt8])
        case digest(tail: [UInt8])
        case end
    }

    private let monitor = Monitor(State())
    private static let limit = 8

    init(_ hasher: DigestHasher) throws(SystemError) {
        let monitor = self.monitor
        try BlockingThread.start("digest") { Self.serve(monitor, hasher) }
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

    func digest(after tail: [UInt8]) -> Digest {
        monitor.update { $0.tail = tail }
        return monitor.wait { state in
            defer { state.digest = nil }
            return state.digest
        }
    }

    private static func serve(_ monitor: Monitor<State>, _ start: DigestHasher) {
        var hasher = start
        while true {
            switch monitor.wait(for: next) {
            case .block(var block):
                hasher.update(block)
                block.removeAll(keepingCapacity: true)
                monitor.update { $0.spare.append(block) }
            case .digest(let tail):
                var whole = hasher
                whole.update(tail)
                let digest = whole.finalize()
                monitor.update { $0.digest = digest }
            case .end: return
            }
        }
    }

    private static func next(_ state: inout State) -> Work? {
        if state.isAbandoned { return .end }
        if !state.blocks.isEmpty { return .block(state.blocks.removeFirst()) }
        guard let tail = state.tail else { return nil }
        state.tail = nil
        return .digest(tail: tail)
    }
}
