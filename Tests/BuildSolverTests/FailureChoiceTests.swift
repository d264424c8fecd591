import BuildGraph
import Testing

@testable import BuildSolver

@Suite struct FailureChoiceTests {
    private func failure(_ rank: Int, _ phase: VertexFailure.Phase = .content) throws -> FailureChoice.Failure {
        var graph = TestGraph()
        let id = graph.add("vertex \(rank)")
        let vertex = try #require(try graph.build()[id])
        return FailureChoice.Failure(
            vertex: vertex,
            rank: rank,
            phase: phase,
            error: TestFailure(description: "\(rank)")
        )
    }

    @Test func theFirstFailureCountsWhereNothingBeforeItIsUnderWay() throws {
        var choice = FailureChoice()
        choice.begin(.content, rank: 2)
        choice.begin(.content, rank: 5)
        choice.end(.content, rank: 2)
        #expect(choice.add(try failure(2))?.rank == nil)
        #expect(choice.decide()?.rank == 2)
        #expect(choice.decide()?.rank == nil)
    }

    @Test func aKeyThatComesEarlierInTheGraphIsWaitedFor() throws {
        var choice = FailureChoice()
        for rank in [1, 3] { choice.begin(.content, rank: rank) }
        choice.end(.content, rank: 3)
        #expect(choice.add(try failure(3))?.rank == nil)
        #expect(choice.decide()?.rank == nil)
        choice.end(.content, rank: 1)
        #expect(choice.add(try failure(1))?.rank == 3)
        #expect(choice.decide()?.rank == 1)
    }

    @Test func anEarlierKeyThatSucceedsChangesNothing() throws {
        var choice = FailureChoice()
        for rank in [1, 3] { choice.begin(.lookup, rank: rank) }
        choice.end(.lookup, rank: 3)
        #expect(choice.add(try failure(3, .lookup))?.rank == nil)
        choice.end(.lookup, rank: 1)
        #expect(choice.decide()?.rank == 3)
    }

    @Test func runsAreNeverWaitedFor() throws {
        var choice = FailureChoice()
        choice.begin(.run, rank: 1)
        choice.begin(.content, rank: 2)
        choice.begin(.run, rank: 4)
        choice.end(.run, rank: 4)
        #expect(choice.add(try failure(4, .run))?.rank == nil)
        #expect(choice.decide()?.rank == 4)
        #expect(choice.add(try failure(2))?.rank == 2)
        #expect(choice.add(try failure(1, .run))?.rank == 1)
        #expect(choice.chosen?.rank == 4)
    }
}
