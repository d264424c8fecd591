import BuildGraph
import OCI
import Testing

struct GraphTests {
    private func step(_ name: String) -> BuildGraph.Operation {
        .exec(ExecOperation(arguments: [name], mounts: []))
    }

    @Test func equalVerticesCollapseAndKeepTheFirstName() throws {
        var builder = GraphBuilder()
        let one = builder.add(.merge, metadata: VertexMetadata(name: "one"))
        let two = builder.add(.merge, metadata: VertexMetadata(name: "two"))
        let graph = try builder.build()
        #expect(one == two)
        #expect(graph.count == 1)
        #expect(graph[one]?.name == "one")
    }

    @Test(arguments: [(false, true), (true, false), (true, true)])
    func aWishToIgnoreTheCacheIsNotLost(first: Bool, second: Bool) throws {
        var builder = GraphBuilder()
        builder.add(.merge, metadata: VertexMetadata(name: "one", ignoreCache: first))
        let id = builder.add(.merge, metadata: VertexMetadata(name: "two", ignoreCache: second))
        #expect(try builder.build()[id]?.ignoreCache == true)
    }

    @Test func nameAndLocationAreNoPartOfTheIdentity() {
        let plain = Vertex(operation: .diff, metadata: VertexMetadata(name: "a"))
        let located = VertexMetadata(
            name: "b",
            ignoreCache: true,
            location: SourceLocation(file: "Dockerfile", lines: 2...3)
        )
        #expect(Vertex(operation: .diff, metadata: located).id == plain.id)
    }

    @Test func theOrderOfInputsAndThePlatformArePartOfTheIdentity() {
        let (one, two) = (VertexInput.vertex(.sha256(of: "1")), VertexInput.vertex(.sha256(of: "2")))
        let ids = [
            Sample.vertex(.merge), Sample.vertex(.merge, inputs: [.scratch]), Sample.vertex(.merge, inputs: [one]),
            Sample.vertex(.merge, inputs: [one, two]), Sample.vertex(.merge, inputs: [two, one]),
            Sample.vertex(.merge, platform: Sample.linux), Sample.vertex(.diff),
        ].map(\.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test func fieldsThatRunIntoEachOtherStayApart() {
        let pairs = [(["ab", "c"], ["d"]), (["a", "bc"], ["d"]), (["ab"], ["c", "d"]), (["ab", "c", "d"], [])]
        let ids = pairs.map { Sample.vertex(.exec(ExecOperation(arguments: $0.0, environment: $0.1))).id }
        #expect(Set(ids).count == ids.count)
    }

    @Test func reachableKeepsTheOrderAndLeavesOutTheRest() throws {
        var builder = GraphBuilder()
        let base = builder.add(step("base"), metadata: VertexMetadata(name: "base"))
        let unused = builder.add(step("unused"), metadata: VertexMetadata(name: "unused"))
        let left = builder.add(step("left"), inputs: [.vertex(base)], metadata: VertexMetadata(name: "left"))
        let right = builder.add(step("right"), inputs: [.vertex(base)], metadata: VertexMetadata(name: "right"))
        let top = builder.add(
            .merge,
            inputs: [.vertex(right), .scratch, .vertex(left)],
            metadata: VertexMetadata(name: "top")
        )
        let graph = try builder.build()
        #expect(graph.reachable(from: [top]).order == [base, left, right, top])
        #expect(graph.reachable(from: [left, left]).order == [base, left])
        #expect(graph.reachable(from: [unused])[base] == nil)
        #expect(graph.reachable(from: []).count == 0)
    }

    @Test func anInputMustBeThereBefore() throws {
        var builder = GraphBuilder()
        let unknown = Digest.sha256(of: "unknown")
        builder.add(.merge, inputs: [.vertex(unknown)], metadata: VertexMetadata(name: "m"))
        #expect(throws: GraphError.unknownInput(vertex: "m", input: unknown)) { try builder.build() }
    }

    @Test(arguments: [
        Operation.exec(ExecOperation(arguments: ["x"], mounts: [.root(input: 1)])),
        Operation.file(FileOperation([.copy(CopyAction(input: 1, source: "/", destination: "/"))])),
        Operation.file(
            FileOperation([
                .makeFile(
                    MakeFileAction(
                        path: "/f",
                        mode: 0o644,
                        data: [],
                        owner: Owner(user: nil, group: .name("g", input: 1))
                    )
                )
            ])
        ),
    ])
    func anIndexBeyondTheInputsIsRefused(operation: BuildGraph.Operation) throws {
        var builder = GraphBuilder()
        builder.add(operation, inputs: [.scratch], metadata: VertexMetadata(name: "v"))
        #expect(throws: GraphError.noSuchInput(vertex: "v", index: 1, count: 1)) { try builder.build() }
        #expect(
            GraphError.noSuchInput(vertex: "v", index: 1, count: 1).description
                == "cannot use input 1 of `v`: it has 1 inputs"
        )
    }
}
