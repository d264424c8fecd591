import Testing

@testable import DockerfileParser

/// What is parsed, printed and parsed again is the same.
@Suite struct PrintingTests {
    @Test(arguments: TestData("parser").cases) func parsesWhatItPrinted(_ name: String) throws {
        let bytes = try #require(TestData("parser").read("Dockerfile", of: name))
        try Self.expectSameTree(try Dockerfile(parsing: SourceFile(bytes: bytes)))
    }

    @Test(arguments: ["lowering", "projects"]) func parsesWhatItPrintedOfWholeBuilds(_ directory: String) throws {
        let data = TestData(directory)
        for bytes in data.cases.compactMap({ data.read("Dockerfile", of: $0) }) {
            guard let file = try? Dockerfile(parsing: SourceFile(bytes: bytes)) else { continue }
            try Self.expectSameTree(file)
        }
    }

    /// Expects that the printed tree parses to an equal one, and that printing that one changes nothing.
    static func expectSameTree(_ file: Dockerfile) throws {
        let printed = DockerfilePrinter(file).text
        let again = try Dockerfile(parsing: SourceFile(text: printed))
        #expect(
            TreeDump(again, withPlaces: false).text == TreeDump(file, withPlaces: false).text,
            "printed as: \(printed.debugDescription)"
        )
        #expect(DockerfilePrinter(again).text == printed)
    }
}
