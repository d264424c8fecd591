import BuildGraph
import BuildProgress
import BuildSolver
import OCI
import Synchronization

/// Runs vertices whose results are integers, and counts.
final class TestRunner: OperationRunner {
    typealias Body = @Sendable (Vertex, [Int?]) async throws -> Int

    struct Counts {
        var runs: [String: Int] = [:]
        var atOnce = 0
        var mostAtOnce = 0
    }

    let counts = Mutex(Counts())
    private let body: Body
    private let contentBody: @Sendable (Int) throws -> Digest
    private let identityBody: @Sendable (Vertex) async throws -> Digest?

    init(
        _ body: @escaping Body = { TestRunner.sum($0, $1) },
        identity: @escaping @Sendable (Vertex) async throws -> Digest? = { $0.cacheIdentity },
        content: @escaping @Sendable (Int) throws -> Digest = { .sha256(of: "\($0)") }
    ) {
        self.body = body
        contentBody = content
        identityBody = identity
    }

    /// A result that depends on the vertex and on every input in its place.
    static func sum(_ vertex: Vertex, _ inputs: [Int?]) -> Int {
        let number = Int(vertex.name) ?? vertex.name.utf8.reduce(0) { $0 + Int($1) }
        return inputs.enumerated().reduce(number) { ($0 &* 31 &+ ($1.element ?? -1) &* ($1.offset + 1)) % 1_000_003 }
    }

    func cacheIdentity(of vertex: Vertex, progress: VertexProgress) async throws -> Digest? {
        try await identityBody(vertex)
    }

    func contentDigest(of output: Int, for vertex: Vertex, input: Int) async throws -> Digest {
        try contentBody(output)
    }

    func run(_ vertex: Vertex, inputs: [Int?], progress: VertexProgress) async throws -> Int {
        counts.withLock { counts in
            counts.runs[vertex.name, default: 0] += 1
            counts.atOnce += 1
            counts.mostAtOnce = max(counts.mostAtOnce, counts.atOnce)
        }
        defer { counts.withLock { $0.atOnce -= 1 } }
        return try await body(vertex, inputs)
    }

    /// The names of what ran, sorted; one that ran twice is there twice.
    var ran: [String] {
        counts.withLock { $0.runs.flatMap { Array(repeating: $0.key, count: $0.value) }.sorted() }
    }
}

/// Keeps results in memory.
final class TestStore: ResultStore {
    let records = Mutex<[CacheKey: Int]>([:])
    /// How many keys were looked up.
    let lookups = Mutex(0)
    /// The first key of each result, where equal results are told as one.
    private let originals: Mutex<[Int: CacheKey]>?
    /// What is said of contents that are not there: by the name of the vertex and the key of its input.
    let recalled: [String: Digest]?

    init(tellsOriginals: Bool = false, recalled: [String: Digest]? = nil) {
        originals = tellsOriginals ? Mutex([:]) : nil
        self.recalled = recalled
    }

    var recallsContents: Bool { recalled != nil }

    func recalledContent(of vertex: Vertex, input: Int, key: CacheKey) -> Digest? { recalled?[vertex.name] }

    func lookup(_ key: CacheKey) async throws -> StoredResult<Int>? {
        lookups.withLock { $0 += 1 }
        return records.withLock { $0[key] }.map { stored(key, $0) }
    }

    func record(
        _ key: CacheKey,
        _ output: Int,
        vertex: Vertex,
        contents: [InputContent]
    ) async throws -> StoredResult<Int> {
        records.withLock { $0[key] = output }
        return stored(key, output)
    }

    private func stored(_ key: CacheKey, _ output: Int) -> StoredResult<Int> {
        let original = originals?.withLock { originals in
            let first = originals[output] ?? key
            originals[output] = first
            return first
        }
        return StoredResult(output, original: original == key ? nil : original)
    }

    /// Removes records of the given results, as garbage collection would.
    func forget(_ outputs: Set<Int>) {
        records.withLock { $0 = $0.filter { !outputs.contains($0.value) } }
    }
}

/// Keeps the events in the order in which they came.
final class RecordingSink: ProgressSink {
    private let events = Mutex<[ProgressEvent]>([])

    func emit(_ event: ProgressEvent) {
        events.withLock { $0.append(event) }
    }

    /// What became of vertices, as `name state`; announcements are left out.
    func endings(in graph: Graph) -> [String] {
        events.withLock { $0 }.compactMap { event in
            let name = graph[event.vertex]?.name ?? "?"
            return switch event.kind {
            case .completed: "\(name) completed"
            case .cached: "\(name) cached"
            case .failed(let message): "\(name) failed: \(message)"
            case .canceled: "\(name) canceled"
            case .announced, .started, .log, .status, .warning: nil
            }
        }
    }

    var announced: [String] {
        events.withLock { $0 }.compactMap { event in
            guard case .announced(let name, _) = event.kind else { return nil }
            return name
        }
    }
}

/// A graph of vertices with short names.
struct TestGraph {
    private var builder = GraphBuilder()

    /// Adds a vertex whose inputs count by definition, apart from those in `content`.
    @discardableResult
    mutating func add(
        _ name: String,
        _ inputs: [Digest] = [],
        content: [Digest] = [],
        ignoreCache: Bool = false
    ) -> Digest {
        var actions: [FileAction] = [.makeFile(MakeFileAction(path: "/\(name)", mode: 0o644, data: []))]
        // The action on input 0 leaves it a definition; each source of a copy counts by content.
        let first: [VertexInput] = inputs.isEmpty ? [.scratch] : inputs.map { .vertex($0) }
        for index in content.indices {
            actions.append(
                .copy(CopyAction(input: first.count + index, source: "/", destination: "/"))
            )
        }
        return builder.add(
            .file(FileOperation(actions)),
            inputs: first + content.map { .vertex($0) },
            metadata: VertexMetadata(name: name, ignoreCache: ignoreCache)
        )
    }

    func build() throws -> Graph {
        try builder.build()
    }
}

/// Lets those who wait go once so many of them do.
actor Rendezvous {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        self.count = count
    }

    func meet() async {
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            guard waiting.count == count else { return }
            for waiter in waiting {
                waiter.resume()
            }
        }
    }
}

/// Waits until the task is cancelled, then throws.
func waitForCancellation() async throws -> Never {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    continuation.finish()
    throw CancellationError()
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
}
