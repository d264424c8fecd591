import BuildGraph
import BuildSolver
import OCI
import Testing

struct CachingTests {
    private let store = TestStore()

    /// Solves for the last vertex; returns the result and the names of what ran.
    private func solve(
        _ graph: Graph,
        _ runner: TestRunner = TestRunner(),
        sink: RecordingSink = RecordingSink()
    ) async throws -> (result: Int?, ran: [String]) {
        let target = try #require(graph.order.last)
        let results = try await Solver(graph: graph, runner: runner, store: store, progress: sink).solve([target])
        return (results.first, runner.ran)
    }

    @Test func equalContentStopsTheRebuild() async throws {
        func graph(_ compile: String) throws -> Graph {
            var graph = TestGraph()
            let base = graph.add("base")
            let compiled = graph.add(compile, [base])
            let copied = graph.add("copy", [base], content: [compiled])
            graph.add("run", [copied])
            return try graph.build()
        }
        // Both ways to compile give the same result.
        let body: TestRunner.Body = { vertex, inputs in
            vertex.name.hasPrefix("compile") ? 7 : TestRunner.sum(vertex, inputs)
        }
        let cold = try await solve(try graph("compile -O1"), TestRunner(body))
        #expect(cold.ran == ["base", "compile -O1", "copy", "run"])
        let warm = try await solve(try graph("compile -O2"), TestRunner(body))
        #expect(warm.ran == ["compile -O2"])
        #expect(warm.result == cold.result)
    }

    @Test func otherContentDoesNot() async throws {
        func graph(_ compile: String) throws -> Graph {
            var graph = TestGraph()
            graph.add("copy", content: [graph.add(compile)])
            return try graph.build()
        }
        _ = try await solve(try graph("one"))
        #expect(try await solve(try graph("two")).ran == ["copy", "two"])
    }

    @Test func aChangedDefinitionRunsEverythingAboveIt() async throws {
        func graph(_ middle: String) throws -> Graph {
            var graph = TestGraph()
            graph.add("top", [graph.add(middle, [graph.add("base")])])
            return try graph.build()
        }
        let body: TestRunner.Body = { _, _ in 7 }
        _ = try await solve(try graph("one"), TestRunner(body))
        #expect(try await solve(try graph("two"), TestRunner(body)).ran == ["top", "two"])
    }

    @Test func theSameResultOfAnotherDefinitionStopsTheRebuild() async throws {
        func graph(_ middle: String, top: String = "top") throws -> Graph {
            var graph = TestGraph()
            graph.add("end", [graph.add(top, [graph.add(middle, [graph.add("base")])])])
            return try graph.build()
        }
        let store = TestStore(tellsOriginals: true)
        func solve(_ graph: Graph) async throws -> (result: Int?, ran: [String]) {
            let runner = TestRunner { vertex, inputs in
                vertex.name.hasPrefix("middle") ? 7 : TestRunner.sum(vertex, inputs)
            }
            let target = try #require(graph.order.last)
            let results = try await Solver(graph: graph, runner: runner, store: store).solve([target])
            return (results.first, runner.ran)
        }
        let cold = try await solve(try graph("middle 1"))
        #expect(cold.ran == ["base", "end", "middle 1", "top"])
        let changed = try await solve(try graph("middle 2"))
        #expect(changed.ran == ["middle 2"] && changed.result == cold.result)
        // What is found once is found again, though no record has its key.
        #expect(try await solve(try graph("middle 2")).ran == [])
        #expect(try await solve(try graph("middle 3", top: "other")).ran == ["end", "middle 3", "other"])
        #expect(try await solve(try graph("middle 1", top: "other")).ran == [])
    }

    @Test func resultsInARowThatEachLeadToAnotherKeyAreEachLookedUpOnce() async throws {
        let length = 50
        func graph(_ variant: String) throws -> Graph {
            var graph = TestGraph()
            var last: Digest?
            for number in 0..<length { last = graph.add("\(variant)-\(number)", last.map { [$0] } ?? []) }
            return try graph.build()
        }
        let store = TestStore(tellsOriginals: true)
        // Both variants of a step result in the same.
        let runner = TestRunner { vertex, _ in Int(vertex.name.split(separator: "-").last ?? "") ?? -1 }
        func solve(_ graph: Graph) async throws -> Int {
            store.lookups.withLock { $0 = 0 }
            let target = try #require(graph.order.last)
            let result = try await Solver(graph: graph, runner: runner, store: store).solve([target])
            #expect(result == [length - 1])
            return store.lookups.withLock(\.self)
        }
        for variant in ["a", "b"] { _ = try await solve(try graph(variant)) }
        #expect(runner.ran.count == 2 * length)
        // From the top down there is nothing, and then from the bottom up there is everything.
        #expect(try await solve(try graph("b")) <= 2 * length)
        #expect(runner.ran.count == 2 * length)
    }

    @Test func aRecalledContentFindsResultsWithoutWhatItIsOf() async throws {
        var graph = TestGraph()
        graph.add("end", [graph.add("copy", content: [graph.add("make", [graph.add("base")])])])
        let built = try graph.build()
        let content = Digest.sha256(
            of:
                "\(TestRunner.sum(try #require(built[built.order[1]]), [TestRunner.sum(try #require(built[built.order[0]]), [nil])]))"
        )
        let first = TestStore()
        let target = try #require(built.order.last)
        let cold = try await Solver(graph: built, runner: TestRunner(), store: first).solve([target])
        // Elsewhere there are the results of the copy and of what follows, and what is said of the content.
        let kept = first.records.withLock { $0.filter { cold.contains($0.value) } }
        let second = TestStore(recalled: ["copy": content])
        second.records.withLock { $0 = kept }
        let runner = TestRunner()
        #expect(try await Solver(graph: built, runner: runner, store: second).solve([target]) == cold)
        #expect(runner.ran == [])
    }

    @Test func nothingIsRecalledOfWhatMustRun() async throws {
        var graph = TestGraph()
        let make = graph.add("make", [graph.add("base", ignoreCache: true)])
        graph.add("copy", content: [make])
        let built = try graph.build()
        let target = try #require(built.order.last)
        let store = TestStore(recalled: ["copy": .sha256(of: "something else")])
        let runner = TestRunner()
        _ = try await Solver(graph: built, runner: runner, store: store).solve([target])
        #expect(runner.ran == ["base", "copy", "make"])
    }

    @Test func whatIsRecalledWronglyIsNeverRecorded() async throws {
        var graph = TestGraph()
        graph.add("end", [graph.add("copy", content: [graph.add("make")])])
        let built = try graph.build()
        let target = try #require(built.order.last)
        let store = TestStore(recalled: ["copy": .sha256(of: "something else")])
        let runner = TestRunner()
        let result = try await Solver(graph: built, runner: runner, store: store).solve([target])
        #expect(runner.ran == ["copy", "end", "make"])
        let plain = TestStore()
        #expect(try await Solver(graph: built, runner: TestRunner(), store: plain).solve([target]) == result)
        #expect(store.records.withLock { $0 } == plain.records.withLock { $0 })
    }

    @Test func whatACachedVertexIsMadeFromIsNotNeeded() async throws {
        var graph = TestGraph()
        let base = graph.add("1")
        let middle = graph.add("2", [base])
        graph.add("3", [middle])
        let built = try graph.build()
        _ = try await solve(built)
        let baseResult = TestRunner.sum(try #require(built[base]), [nil])
        store.forget([baseResult, TestRunner.sum(try #require(built[middle]), [baseResult])])
        let sink = RecordingSink()
        #expect(try await solve(built, sink: sink).ran == [])
        #expect(sink.endings(in: built) == ["1 cached", "2 cached", "3 cached"])
    }

    @Test func aRecordThatIsGoneRunsAgain() async throws {
        var graph = TestGraph()
        graph.add("2", [graph.add("1")])
        let built = try graph.build()
        let cold = try await solve(built)
        store.forget([try #require(cold.result)])
        let sink = RecordingSink()
        #expect(try await solve(built, sink: sink).ran == ["2"])
        #expect(sink.endings(in: built) == ["1 cached", "2 completed"])
        #expect(try await solve(built).ran == [])
    }

    @Test func ignoringTheCacheRunsAgainAndRecordsWhatCame() async throws {
        func graph(ignoreCache: Bool) throws -> Graph {
            var graph = TestGraph()
            graph.add("2", [graph.add("1")], ignoreCache: ignoreCache)
            return try graph.build()
        }
        _ = try await solve(try graph(ignoreCache: false), TestRunner { _, _ in 1 })
        let fresh = try await solve(try graph(ignoreCache: true), TestRunner { _, _ in 2 })
        #expect(fresh.ran == ["2"])
        #expect(fresh.result == 2)
        let later = try await solve(try graph(ignoreCache: false))
        #expect(later.ran == [])
        #expect(later.result == 2)
    }

    @Test func aSourceWithoutIdentityRunsInEveryBuildAndCountsByContent() async throws {
        var graph = TestGraph()
        let context = graph.add("context")
        let copied = graph.add("copy", [graph.add("base")], content: [context])
        // By its definition, though there is none: its content has to do.
        graph.add("top", [copied, context])
        let built = try graph.build()
        func runner(_ content: Int) -> TestRunner {
            TestRunner(
                { vertex, inputs in vertex.name == "context" ? content : TestRunner.sum(vertex, inputs) },
                identity: { $0.name == "context" ? nil : $0.cacheIdentity }
            )
        }
        #expect(try await solve(built, runner(1)).ran == ["base", "context", "copy", "top"])
        #expect(try await solve(built, runner(1)).ran == ["context"])
        #expect(try await solve(built, runner(2)).ran == ["context", "copy", "top"])
        #expect(try await solve(built, runner(1)).ran == ["context"])
    }

    @Test func verticesThatTurnOutToBeTheSameRunOnce() async throws {
        var graph = TestGraph()
        let stages = ["a", "b", "c"].map { graph.add($0) }
        let copies = stages.map { graph.add("copy", content: [$0]) }
        graph.add("all", copies)
        let built = try graph.build()
        // All three stages result in the same, so the three copies have one key.
        let runner = TestRunner { vertex, _ in vertex.name == "all" ? 9 : 5 }
        let sink = RecordingSink()
        #expect(try await solve(built, runner, sink: sink).ran == ["a", "all", "b", "c", "copy"])
        let copyEndings = sink.endings(in: built).filter { $0.hasPrefix("copy") }
        #expect(copyEndings == ["copy completed", "copy cached", "copy cached"])
    }

    @Test func aSameKeyOnTopOfNothingElseNeedsNoneOfItsInputs() async throws {
        // The world says that two references are the same thing; what is built on them is, too.
        var graph = TestGraph()
        let tops = ["v1", "latest"].map { graph.add("top", [graph.add($0)]) }
        graph.add("all", tops)
        let built = try graph.build()
        let runner = TestRunner(identity: { ["v1", "latest"].contains($0.name) ? .sha256(of: "x") : $0.cacheIdentity })
        let ran = try await solve(built, runner).ran
        #expect(ran.count { $0 == "top" } == 1)
        #expect(ran.count { ["v1", "latest"].contains($0) } == 1)
    }

    @Test func aFullyCachedBuildShowsEveryStepInOrder() async throws {
        var graph = TestGraph()
        let build = graph.add("make", [graph.add("copy sources", [graph.add("from")])])
        graph.add("copy result", [graph.add("from small")], content: [build])
        let built = try graph.build()
        _ = try await solve(built)
        let sink = RecordingSink()
        _ = try await solve(built, sink: sink)
        #expect(
            sink.endings(in: built) == [
                "from cached", "copy sources cached", "make cached", "from small cached", "copy result cached",
            ]
        )
    }
}
