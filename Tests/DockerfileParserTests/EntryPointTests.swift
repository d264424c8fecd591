import Testing

@testable import DockerfileParser

@Suite struct EntryPointTests {
    @Test func parsesTriggersAsImagesStoreThem() throws {
        let range = SourceRange(line: 7)
        guard case .copy(let copy) = try Dockerfile.parseTrigger("COPY <<EOF <<-\"B\" /x\n$a\nEOF\n\tb\nB", at: range)
        else {
            Issue.record("not a COPY")
            return
        }
        #expect(copy.origin.range == range)
        #expect(copy.operands.heredocs.map(\.name) == ["EOF", "B"])
        #expect(copy.operands.heredocs.map { String(decoding: $0.content, as: UTF8.self) } == ["$a\n", "b\n"])
    }

    @Test(arguments: [
        ("", "file with no instructions"), ("RUN a\nRUN b", "onbuild trigger should be a single expression"),
        ("FOO x", "unknown instruction: FOO (did you mean FROM?)"),
        ("FROM x", "FROM isn't allowed as an ONBUILD trigger"),
        (
            "COPY a",
            "COPY requires at least two arguments, but only one was provided. Destination could not be determined"
        ),
        ("RUN <<EOF\nx", "unterminated heredoc"),
    ]) func refusesTriggers(_ text: String, _ message: String) {
        let error = #expect(throws: ParseError.self) { try Dockerfile.parseTrigger(text, at: SourceRange(line: 2)) }
        #expect(error?.description == message)
        #expect(error?.range == SourceRange(line: 2))
    }

    @Test(arguments: [
        ("# syntax=a/b:1\nFROM x", "a/b:1", "a/b:1", 1), ("#!/bin/x\n#syntax = a b c\n", "a", "a b c", 2),
        ("//syntax=foo\n{}", "foo", "foo", 1), ("// escape=x\n// syntax=foo\n", "foo", "foo", 2),
        ("{\"a\": [1, {}], \"syntax\": \"foo bar\"}", "foo", "foo bar", 1), ("\u{FEFF}# syntax=x", "x", "x", 1),
        ("# escape=`\n# syntax=x\n", "x", "x", 2),
    ]) func detectsTheFrontend(_ text: String, _ reference: String, _ commandLine: String, _ line: Int) throws {
        let syntax = try #require(SyntaxDirective.detect(in: Array(text.utf8)))
        #expect(syntax.reference == reference)
        #expect(syntax.commandLine == commandLine)
        #expect(syntax.range.startLine == line)
    }

    @Test(arguments: [
        "", "FROM x\n# syntax=a", " # syntax=a", "# a\n# syntax=a", "# syntax=", "#\n# syntax=a", "{\"syntax\": 1}",
        "{\"syntax\": \"a\"",
        "[\"syntax\"]", "\n# syntax=a", "# foo=1\n# syntax=a",
    ]) func detectsNoFrontend(_ text: String) {
        #expect(SyntaxDirective.detect(in: Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("", CheckOptions()), (" skip = A , B ; error = true ", CheckOptions(skip: .names(["A", "B"]), error: true)),
        ("skip=all;experimental=all;error=0", CheckOptions(skip: .all, experimental: .all)),
        (
            "experimental=InvalidDefinitionDescription",
            CheckOptions(experimental: .names(["InvalidDefinitionDescription"]))
        ),
        ("skip=A;skip=B", CheckOptions(skip: .names(["B"]))),
    ]) func parsesCheckOptions(_ text: String, _ expected: CheckOptions) throws {
        #expect(try CheckOptions(parsing: text) == expected)
    }

    @Test(arguments: [
        ("foo=1", "failed to parse check options: invalid check option \"foo\""),
        ("skip", "failed to parse check options: invalid check option \"skip\""),
        ("skip=a;", "failed to parse check options: invalid check option \"\""),
        (
            "error=a;b;c;d",
            "failed to parse check options: failed to parse check option \"error=a\": strconv.ParseBool: parsing \"a\": invalid syntax"
        ),
    ]) func refusesCheckOptions(_ text: String, _ message: String) {
        let error = #expect(throws: ParseError.self) { try CheckOptions(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func reportsExperimentalRulesOnDemandOnly() {
        #expect(!CheckOptions().reports(.invalidDefinitionDescription))
        #expect(CheckOptions(experimental: .all).reports(.invalidDefinitionDescription))
        #expect(CheckOptions(skip: .all, experimental: .all).reports(.invalidDefinitionDescription))
        #expect(!CheckOptions(skip: .all, experimental: .all).reports(.stageNameCasing))
        #expect(CheckOptions(skip: .names(["stagenamecasing"])).reports(.stageNameCasing))
        #expect(!CheckOptions(skip: .names(["StageNameCasing"])).reports(.stageNameCasing))
    }

    @Test(arguments: [
        (LintRule.jsonArgsRecommended, "json-args-recommended"), (.fromAsCasing, "from-as-casing"),
        (.undefinedVar, "undefined-var"),
        (.secretsUsedInArgOrEnv, "secrets-used-in-arg-or-env"), (.noEmptyContinuation, "no-empty-continuation"),
    ]) func linksToTheRulesPage(_ rule: LintRule, _ name: String) {
        #expect(rule.url == "https://docs.docker.com/go/dockerfile/rule/\(name)/")
    }

    @Test func documentsEveryRule() {
        for rule in LintRule.allCases { #expect(!rule.description.isEmpty) }
        #expect(LintRule.invalidBaseImagePlatform.url == nil)
    }

    @Test func leavesOutFindingsThatCommentsTurnOff() throws {
        let text = "# check=skip=StageNameCasing\nFROM a AS B\n# check=skip=all\nMAINTAINER x\n"
        let file = try Dockerfile(parsing: SourceFile(text: "\n" + text))
        #expect(FileLint.findings(in: file).map(\.rule) == [.invalidDefinitionDescription])
    }

    @Test func excerptsNothingOutsideTheFile() {
        let file = SourceFile(text: "a")
        #expect(SourceExcerpt.render(file, SourceRange(line: 0)) == "")
        #expect(SourceExcerpt.render(file, SourceRange(line: 2)) == "")
        let rule = "--------------------\n"
        #expect(
            SourceExcerpt.render(file, SourceRange(startLine: 1, endLine: 9))
                == "Dockerfile:1\n\(rule)   1 | >>> a\n\(rule)"
        )
    }
}
