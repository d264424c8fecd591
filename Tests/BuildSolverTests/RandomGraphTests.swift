import BuildGraph
import BuildSolver
import OCI
import TestRandomness
import Testing

/// Graphs of any shape: the results are those of evaluating one vertex after the other, and nothing is done twice.
struct RandomGraphTests {
    private struct Sample {
        let graph: Graph
        let targets: [Digest]
        let parallelism: Int
    }

    private func sample(seed: Int) throws -> Sample {
        var random = Randomness(seed: seed)
        var graph = TestGraph()
        var ids: [Digest] = []
        for index in 0..<Int.random(in: 1...40, using: &random) {
            func some(_ limit: Int) -> [Digest] {
                let count = min(ids.count, Int.random(in: 0...limit, using: &random))
                return ids.shuffled(using: &random).prefix(count).map(\.self)
            }
            ids.append(graph.add("\(index)", some(3), content: some(2)))
        }
        let targets = ids.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
        return Sample(
            graph: try graph.build(),
            targets: Array(targets),
            parallelism: Int.random(in: 1...6, using: &random)
        )
    }

    /// The results of all vertices, computed in order.
    private func expected(_ graph: Graph) -> [Digest: Int] {
        var results: [Digest: Int] = [:]
        for vertex in graph.order.compactMap({ graph[$0] }) {
            results[vertex.id] = TestRunner.sum(vertex, vertex.inputs.map { $0.vertex.flatMap { results[$0] } })
        }
        return results
    }

    @Test(arguments: 0..<200)
    func everyVertexNeededRunsOnceAndAgainNever(seed: Int) async throws {
        let sample = try sample(seed: seed)
        let needed = sample.graph.reachable(from: sample.targets)
        let names = needed.order.compactMap { needed[$0]?.name }
        let expected = expected(sample.graph)
        let store = TestStore()

        let cold = TestRunner()
        let coldSink = RecordingSink()
        let results = try await Solver(
            graph: sample.graph,
            runner: cold,
            store: store,
            progress: coldSink,
            parallelism: sample.parallelism
        ).solve(sample.targets)
        #expect(results == sample.targets.map { expected[$0] })
        #expect(cold.ran == names.sorted())
        #expect(cold.counts.withLock { $0.mostAtOnce } <= sample.parallelism)
        #expect(coldSink.announced == names)
        #expect(coldSink.endings(in: needed).sorted() == names.map { "\($0) completed" }.sorted())

        let warm = TestRunner()
        let warmSink = RecordingSink()
        let again = try await Solver(graph: sample.graph, runner: warm, store: store, progress: warmSink)
            .solve(sample.targets)
        #expect(again == results)
        #expect(warm.ran == [])
        #expect(warmSink.endings(in: needed).sorted() == names.map { "\($0) cached" }.sorted())
    }

    /// Results are few, so that most steps make what another one made before, and keys change while steps wait and run.
    @Test(arguments: 0..<80)
    func equalResultsOfOtherKeysGiveNoWrongResult(seed: Int) async throws {
        let store = TestStore(tellsOriginals: true)
        let few: TestRunner.Body = { vertex, inputs in TestRunner.sum(vertex, inputs) % 3 }
        for round in 0..<3 {
            // The same graph with some other steps.
            var random = Randomness(seed: seed)
            var edits = Randomness(seed: seed * 10 + round)
            var graph = TestGraph()
            var ids: [Digest] = []
            for index in 0..<Int.random(in: 5...40, using: &random) {
                let inputs = ids.shuffled(using: &random)
                let name = Int.random(in: 0..<6, using: &edits) == 0 ? index + 100 * (round + 1) : index
                ids.append(graph.add("\(name)", inputs.prefix(2).map(\.self), content: inputs.suffix(1).map(\.self)))
            }
            let built = try graph.build()
            var expected: [Digest: Int] = [:]
            for vertex in built.order.compactMap({ built[$0] }) {
                expected[vertex.id] =
                    TestRunner.sum(vertex, vertex.inputs.map { $0.vertex.flatMap { expected[$0] } }) % 3
            }
            let runner = TestRunner(few)
            let targets = ids.suffix(3)
            let results = try await Solver(graph: built, runner: runner, store: store, parallelism: 1 + seed % 5)
                .solve(Array(targets))
            #expect(results == targets.map { expected[$0] })
            #expect(runner.ran.count == Set(runner.ran).count)
        }
    }

    @Test(arguments: 0..<60)
    func whatWasForgottenRunsAgainAndNothingElse(seed: Int) async throws {
        let sample = try sample(seed: seed)
        let store = TestStore()
        let expected = expected(sample.graph)
        _ = try await Solver(graph: sample.graph, runner: TestRunner(), store: store).solve(sample.targets)

        var random = Randomness(seed: seed + 1_000_000)
        let lost = Set(expected.values.filter { _ in Bool.random(using: &random) })
        store.forget(lost)
        let runner = TestRunner()
        let results = try await Solver(graph: sample.graph, runner: runner, store: store).solve(sample.targets)
        #expect(results == sample.targets.map { expected[$0] })
        let lostNames = sample.graph.order.filter { expected[$0].map(lost.contains) ?? false }
            .compactMap { sample.graph[$0]?.name }
        #expect(Set(runner.ran).isSubset(of: lostNames))
        #expect(runner.ran.count == Set(runner.ran).count)
    }

    @Test(arguments: 0..<60)
    func aFailureAnywhereEndsTheBuildWithThatFailure(seed: Int) async throws {
        let sample = try sample(seed: seed)
        let needed = sample.graph.reachable(from: sample.targets)
        let victim = needed.order.compactMap { needed[$0]?.name }[seed % needed.count]
        let runner = TestRunner { vertex, inputs in
            if vertex.name == victim {
                throw TestFailure(description: "no")
            }
            return TestRunner.sum(vertex, inputs)
        }
        let sink = RecordingSink()
        let failure = await #expect(throws: VertexFailure.self) {
            try await Solver(graph: sample.graph, runner: runner, store: TestStore(), progress: sink)
                .solve(sample.targets)
        }
        #expect(failure?.vertex.name == victim)
        #expect(sink.endings(in: needed).filter { $0.contains("failed") } == ["\(victim) failed: no"])
        #expect(runner.counts.withLock { $0.atOnce } == 0)
    }
}
