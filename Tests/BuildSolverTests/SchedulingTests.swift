import BuildGraph
import BuildProgress
import BuildSolver
import OCI
import Testing

struct SchedulingTests {
    private func solve(
        _ graph: Graph,
        _ targets: [Digest],
        _ runner: TestRunner,
        sink: RecordingSink = RecordingSink(),
        parallelism: Int = 4
    ) async throws -> [Int] {
        try await Solver(
            graph: graph,
            runner: runner,
            store: TestStore(),
            progress: sink,
            parallelism: parallelism
        ).solve(targets)
    }

    @Test func independentVerticesRunAtTheSameTime() async throws {
        var graph = TestGraph()
        let all = graph.add("all", ["a", "b", "c"].map { graph.add($0) })
        let rendezvous = Rendezvous(3)
        let runner = TestRunner { vertex, inputs in
            if vertex.name != "all" {
                await rendezvous.meet()
            }
            return TestRunner.sum(vertex, inputs)
        }
        _ = try await solve(try graph.build(), [all], runner)
        #expect(runner.counts.withLock { $0.mostAtOnce } == 3)
    }

    @Test(arguments: [1, 2, 5])
    func noMoreRunAtOnceThanAllowed(parallelism: Int) async throws {
        var graph = TestGraph()
        let all = graph.add("all", (0..<20).map { graph.add("\($0)") })
        let runner = TestRunner { vertex, inputs in
            await Task.yield()
            return TestRunner.sum(vertex, inputs)
        }
        _ = try await solve(try graph.build(), [all], runner, parallelism: parallelism)
        #expect(runner.counts.withLock { $0.mostAtOnce } <= parallelism)
    }

    @Test func resultsComeInTheOrderOfTheTargets() async throws {
        var graph = TestGraph()
        let one = graph.add("1")
        let two = graph.add("2", [one])
        let results = try await solve(
            try graph.build(),
            [two, one, two],
            TestRunner { vertex, _ in Int(vertex.name) ?? 0 }
        )
        #expect(results == [2, 1, 2])
    }

    @Test func onlyWhatTheTargetsNeedRuns() async throws {
        var graph = TestGraph()
        let base = graph.add("base")
        graph.add("unused", [base])
        let runner = TestRunner()
        _ = try await solve(try graph.build(), [base], runner)
        #expect(runner.ran == ["base"])
    }

    @Test func aTargetThatIsNotInTheGraphIsAnError() async throws {
        let id = Digest.sha256(of: "x")
        await #expect(throws: SolverError.unknownTarget(id)) {
            try await solve(.empty, [id], TestRunner())
        }
    }

    @Test func aDeepChainIsNoProblem() async throws {
        var graph = TestGraph()
        var last = graph.add("0")
        for index in 1..<2000 {
            last = graph.add("\(index)", [last])
        }
        let runner = TestRunner { vertex, _ in Int(vertex.name) ?? 0 }
        #expect(try await solve(try graph.build(), [last], runner) == [1999])
    }

    @Test func theFirstFailureCancelsTheRest() async throws {
        var graph = TestGraph()
        let rendezvous = Rendezvous(2)
        let all = graph.add("all", [graph.add("bad"), graph.add("slow")])
        let built = try graph.build()
        let runner = TestRunner { vertex, _ in
            await rendezvous.meet()
            if vertex.name == "bad" {
                throw TestFailure(description: "exit code: 1")
            }
            try await waitForCancellation()
        }
        let sink = RecordingSink()
        let failure = await #expect(throws: VertexFailure.self) {
            try await solve(built, [all], runner, sink: sink)
        }
        #expect(failure?.vertex.name == "bad")
        #expect(failure?.phase == .run)
        #expect(failure?.description == "exit code: 1")
        #expect(sink.endings(in: built) == ["bad failed: exit code: 1", "slow canceled"])
    }

    @Test func cancellingTheBuildCancelsWhatRuns() async throws {
        var graph = TestGraph()
        let all = graph.add("all", [graph.add("a"), graph.add("b")])
        let built = try graph.build()
        let rendezvous = Rendezvous(3)
        let runner = TestRunner { _, _ in
            await rendezvous.meet()
            // A killed process says something else than that it was cancelled.
            do {
                try await waitForCancellation()
            } catch {
                throw TestFailure(description: "exit code: 137")
            }
        }
        let sink = RecordingSink()
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: [Int].self) { group in
                group.addTask { try await solve(built, [all], runner, sink: sink) }
                await rendezvous.meet()
                group.cancelAll()
                _ = try await group.next()
            }
        }
        #expect(sink.endings(in: built).sorted() == ["a canceled", "b canceled"])
    }

    @Test func aFailingContentDigestIsAFailureOfWhoNeedsIt() async throws {
        var graph = TestGraph()
        let copy = graph.add("copy", content: [graph.add("stage")])
        let built = try graph.build()
        let runner = TestRunner(content: { _ in throw TestFailure(description: "\"/x\": not found") })
        let sink = RecordingSink()
        let failure = await #expect(throws: VertexFailure.self) {
            try await solve(built, [copy], runner, sink: sink)
        }
        #expect(failure?.vertex.name == "copy")
        #expect(failure?.description == "failed to compute cache key: \"/x\": not found")
        #expect(sink.endings(in: built) == ["stage completed", "copy failed: \"/x\": not found"])
    }

    @Test func aFailingIdentityIsSaidToBeThat() async throws {
        var graph = TestGraph()
        let source = graph.add("source")
        let runner = TestRunner(identity: { _ in throw TestFailure(description: "invalid response status 404") })
        let failure = await #expect(throws: VertexFailure.self) {
            try await solve(try graph.build(), [source], runner)
        }
        #expect(failure?.description == "failed to load cache key: invalid response status 404")
    }

    @Test func aStoreThatFailsFailsTheVertex() async throws {
        struct BrokenStore: ResultStore {
            let canLookUp: Bool

            func lookup(_ key: CacheKey) async throws -> StoredResult<Int>? {
                guard canLookUp else { throw TestFailure(description: "cannot read") }
                return nil
            }

            func record(
                _ key: CacheKey,
                _ output: Int,
                vertex: Vertex,
                contents: [InputContent]
            ) async throws -> StoredResult<Int> {
                throw TestFailure(description: "cannot write")
            }
        }
        var graph = TestGraph()
        let vertex = graph.add("v")
        let built = try graph.build()
        for (canLookUp, message) in [(false, "cannot read"), (true, "cannot write")] {
            let solver = Solver(graph: built, runner: TestRunner(), store: BrokenStore(canLookUp: canLookUp))
            let failure = await #expect(throws: VertexFailure.self) { try await solver.solve([vertex]) }
            #expect(failure?.description == message)
        }
    }
}
