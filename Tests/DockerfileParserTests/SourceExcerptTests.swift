import DockerfileParser
import Testing

@Suite struct SourceExcerptTests {
    /// The header and the underlining of the excerpt of line 2 (to `end`), blaming `culprit`.
    private static func marks(_ lines: String, to end: Int = 2, blaming culprit: String?) -> [String] {
        let file = SourceFile(text: "FROM scratch\n\(lines)\n")
        let text = SourceExcerpt.render(file, SourceRange(startLine: 2, endLine: end), blaming: culprit)
        let rendered = text.split(separator: "\n").map(String.init)
        return [rendered[0]] + rendered.filter { $0.contains("^") }
    }

    @Test func theTextAtFaultIsUnderlined() {
        #expect(Self.marks("COPY --x a b", blaming: "--x") == ["Dockerfile:2:6", "     |          ^^^"])
        #expect(Self.marks("\t\tCOPY é b", blaming: "b") == ["Dockerfile:2:10", "     |     \t\t       ^"])
    }

    @Test func aWordOfItsOwnIsPreferred() {
        #expect(Self.marks("COPY ab.c a b", blaming: "a")[0] == "Dockerfile:2:11")
        #expect(Self.marks("COPY /x/a /a", blaming: "a")[0] == "Dockerfile:2:9")
    }

    @Test func laterLinesAreSearchedAndCommentsAreNot() {
        #expect(Self.marks("RUN a \\\n# bad\n  bad", to: 4, blaming: "bad") == ["Dockerfile:4:3", "     |       ^^^"])
    }

    @Test(arguments: [nil, "", "nowhere"]) func withoutAPlaceTheInstructionIsMeant(_ culprit: String?) {
        #expect(Self.marks("  COPY a b", blaming: culprit) == ["Dockerfile:2:3"])
    }

    @Test func colourIsAroundTheMarks() {
        let file = SourceFile(text: "FRM x\n")
        let text = SourceExcerpt.render(file, SourceRange(line: 1), blaming: "FRM") {
            "\u{1B}[31m\($0)\u{1B}[0m"
        }
        #expect(text.contains("   1 | \u{1B}[31m>>>\u{1B}[0m FRM x\n     |     \u{1B}[31m^^^\u{1B}[0m\n"))
    }

    @Test func linesThatDoNotExistGiveNothing() {
        let file = SourceFile(text: "FROM x")
        #expect(SourceExcerpt.render(file, SourceRange(line: 7), blaming: "x") == "")
    }
}
