import Testing

@testable import DockerfileParser

@Suite struct GoldenTests {
    static let trees = TestData("parser")
    static let errors = TestData("parser-errors")

    @Test(arguments: trees.cases) func parsesToTheRecordedTree(_ name: String) throws {
        let bytes = try #require(Self.trees.read("Dockerfile", of: name))
        let file = try Dockerfile(parsing: SourceFile(bytes: bytes))
        try Self.trees.expect(TreeDump(file).text, matches: "tree.txt", of: name)
    }

    @Test(arguments: errors.cases) func failsWithTheRecordedError(_ name: String) throws {
        let bytes = try #require(Self.errors.read("Dockerfile", of: name))
        let source = SourceFile(bytes: bytes)
        let error = try #require(throws: ParseError.self) { try Dockerfile(parsing: source) }
        let excerpt = error.range.map { SourceExcerpt.render(source, $0, blaming: error.culprit) } ?? ""
        try Self.errors.expect(excerpt + "ERROR: \(error)\n", matches: "error.txt", of: name)
    }

    @Test func findsItsCases() {
        #expect(Self.trees.cases.count >= 120)
        #expect(Self.errors.cases.count >= 120)
    }
}
