import FoundationEssentials
import TestRandomness
import Testing

@testable import DockerfileParser

/// Mutated Dockerfiles, the same ones in every run: 4 × 800 of them.
///
/// For a longer search, `FUZZ_ROUNDS=500000 swift test --filter FuzzTests` takes 4 × 500,000; `FUZZ_SEED=7` begins
/// another sequence.
@Suite struct FuzzTests {
    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let rounds = setting("FUZZ_ROUNDS") ?? 800

    private static let fragments = [
        "\n", "\\\n", "<<EOF", "<<-'A'\n", "EOF\n", "\"", "'", "$", "${", "}", "${a:-", "${a##*", "${a//x/", "[", "]",
        "[\"a\", ", "{", "--",
        "--mount=type=", "=", ",", "#", "# escape=`\n", "`\n", "\\", "\u{FEFF}", "ONBUILD ", "FROM a AS b\n", "RUN ",
        "COPY ", "*", "?", "**/", "!",
    ].map { Array($0.utf8) }

    private static let seeds: [[UInt8]] = ["parser", "parser-errors", "lowering", "projects"].flatMap { name in
        let data = TestData(name)
        return data.cases.compactMap { data.read("Dockerfile", of: $0) }.filter { $0.count < 2000 }
    }

    /// Removes, doubles, changes and inserts at random places.
    private static func mutate(_ bytes: [UInt8], _ random: inout Randomness) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...8, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            default: bytes.insert(contentsOf: fragments.randomElement(using: &random) ?? [], at: place)
            }
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func parsesOrRefusesWhateverItGets(_ seed: UInt64) throws {
        var random = Randomness(seed: seed &+ UInt64(Self.setting("FUZZ_SEED") ?? 0))
        for _ in 0..<Self.rounds {
            let bytes = Self.mutate(Self.seeds.randomElement(using: &random) ?? [], &random)
            let source = SourceFile(bytes: bytes)
            switch Result(catching: { () throws(ParseError) in try Dockerfile(parsing: source) }) {
            case .success(let file):
                #expect(file.stages.allSatisfy { $0.range.endLine <= source.lines.count })
                try PrintingTests.expectSameTree(file)
            case .failure(let error):
                if let range = error.range { #expect(!SourceExcerpt.render(source, range).isEmpty) }
            }
            Self.useParts(of: bytes)
        }
    }

    /// Hands the bytes to the parsers of single values, which may refuse but not stop.
    private static func useParts(of bytes: [UInt8]) {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        _ = try? WordExpander().expand(text, environment: ["a": "x y", "b": ""])
        _ = try? WordExpander.expandDocument(bytes) { _ in nil }
        _ = try? IgnorePatterns(file: bytes).matches("a/b/c")
        _ = try? WildcardPattern(text).matches("a/b")
        _ = try? MountOptions(parsing: text)
        _ = try? Dockerfile.parseTrigger(text, at: SourceRange(line: 1))
        _ = SyntaxDirective.detect(in: bytes)
    }

    @Test func readsLongAndDeepTextsWithoutTrouble() throws {
        let many = 20_000
        let texts = [
            "FROM scratch\nRUN [" + String(repeating: "[", count: many),
            "FROM a\n" + String(repeating: "ONBUILD ", count: many),
            "FROM a\nENV " + String(repeating: "a=\"b\\\n\" ", count: many),
            "FROM a\nRUN " + String(repeating: "<<", count: many),
            "FROM a\nLABEL x=" + String(repeating: "$\\\n{", count: many),
            "FROM a\nCOPY " + String(repeating: "--x\\\n ", count: many),
            String(repeating: "FROM a\n# c\n", count: many),
            "FROM a\nRUN x\\\n" + String(repeating: "# c\n\n", count: many),
        ]
        for text in texts { _ = try? Dockerfile(parsing: SourceFile(text: text)) }
    }
}
