import BuildGraph
import BuildSolver
import OCI
import Synchronization
import Testing

/// Keeps what it is told.
private final class Listener: SolveObserver {
    let keys = Mutex<[(vertex: Vertex, parts: KeyParts)]>([])

    func keyed(_ vertex: Vertex, _ parts: KeyParts) { keys.withLock { $0.append((vertex, parts)) } }
}

struct ObserverTests {
    @Test("each key is told once with what it is made of, whether there was a result or not")
    func keys() async throws {
        var graph = TestGraph()
        let base = graph.add("base")
        let source = graph.add("source")
        let copied = graph.add("copy", [base], content: [source])
        let target = graph.add("run", [copied])
        let built = try graph.build()
        let store = TestStore()
        for ran in [["base", "copy", "run", "source"], []] {
            let listener = Listener()
            let runner = TestRunner()
            let solver = Solver(graph: built, runner: runner, store: store, observer: listener)
            _ = try await solver.solve([target])
            #expect(runner.ran == ran)
            let told = listener.keys.withLock(\.self)
            #expect(told.map(\.vertex.name).sorted() == ["base", "copy", "run", "source"])
            let keys = Dictionary(uniqueKeysWithValues: told.map { ($0.vertex.id, $0.parts) })
            #expect(keys[base]?.inputs == [.scratch])
            #expect(keys[base]?.identity == built[base]?.cacheIdentity)
            let source = try #require(keys[copied]?.inputs.last)
            let base = try #require(keys[base])
            #expect(keys[copied]?.inputs == [.key(base.key), source])
            guard case .content = source else { throw TestFailure(description: "\(source)") }
            // Every result was recorded under its key.
            let recorded = store.records.withLock { Set($0.keys) }
            #expect(recorded == Set(keys.values.map(\.key)))
        }
    }

    @Test("what is never stored has no key")
    func unstored() async throws {
        var graph = TestGraph()
        let target = graph.add("base")
        let listener = Listener()
        let runner = TestRunner(identity: { _ in nil })
        let solver = Solver(graph: try graph.build(), runner: runner, store: TestStore(), observer: listener)
        _ = try await solver.solve([target])
        let count = listener.keys.withLock(\.count)
        #expect(count == 0)
    }
}
