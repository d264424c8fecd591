import DockerfileParser
import Testing

@testable import Commands

/// Every directory of `testdata/checks` is a case: a project, and what the answers about it are.
///
/// `RECORD=1` rewrites the expectations and fails; see `testdata/checks/README.md`.
@Suite struct CheckTests {
    @Test(arguments: CheckCase.all)
    func `a project gives the recorded answers`(_ project: CheckCase) async throws {
        for file in project.outputs {
            let answer = try await project.answer(file)
            if CheckCase.isRecording {
                try project.record(file, answer)
                Issue.record("recorded \(project.name)/\(file)")
            } else {
                #expect(answer == project.text(file) ?? "", "\(project.name)/\(file)")
            }
        }
    }

    @Test(arguments: LintRule.allCases)
    func `a rule has a case that violates it and one that does not`(_ rule: LintRule) async throws {
        let name = Self.caseName(rule)
        let violating = try #require(CheckCase.all.first { $0.name == name }, "no testdata/checks/\(name)")
        let clean = try #require(CheckCase.all.first { $0.name == name + "-none" }, "no testdata/checks/\(name)-none")
        #expect(try await violating.report().findings.contains { $0.rule == rule })
        #expect(try await clean.report().findings.allSatisfy { $0.rule != rule })
    }

    /// `JSONArgsRecommended` is `json-args-recommended`, the last part of the rule's page.
    private static func caseName(_ rule: LintRule) -> String {
        guard let url = rule.url else { return "invalid-base-image-platform" }
        return url.split(separator: "/").last.map(String.init) ?? ""
    }

    @Test(arguments: ["", "build", "build,format=json", "format=json"])
    func `a build is no call`(_ text: String) throws {
        #expect(try CallSpecification.parse(text) == nil)
    }

    @Test(arguments: [
        ("check", CallSpecification.Method.check), ("lint", .check), ("targets", .targets), ("outline", .outline),
        ("subrequests.describe", .describe), ("describe", .describe),
    ])
    func `methods by all their names`(_ text: String, _ method: CallSpecification.Method) throws {
        #expect(try CallSpecification.parse(text) == CallSpecification(method: method))
    }

    @Test func `format and ignorestatus`() throws {
        let call = try #require(try CallSpecification.parse("check,format=sarif,ignorestatus=true"))
        #expect(call.format == .sarif && call.ignoresStatus)
        #expect(try CallSpecification.parse("format=json,outline")?.format == .json)
        #expect(try CallSpecification.parse("check,ignorestatus=0")?.ignoresStatus == false)
    }

    @Test(arguments: [
        "chek", "check,outline", "check,format=xml", "outline,format=sarif", "check,color=no", "check,\"x",
    ])
    func `what is not a call is refused`(_ text: String) {
        #expect(throws: OptionError.self) { try CallSpecification.parse(text) }
    }

    @Test(arguments: [
        (["--check"], CallSpecification.Method.check), (["--print", "outline"], .outline),
        (["--call=targets"], .targets), (["--check", "--call=check,format=json"], .check),
        (["--check", "--load", "--provenance=max", "--cache-from", "x"], .check),
    ])
    func `options that ask`(_ arguments: [String], _ method: CallSpecification.Method) throws {
        let command = try BuildCommand.parse(try ArgumentNormalizer.normalize(arguments + ["."]))
        #expect(try command.request(environment: [:]).call?.method == method)
    }

    @Test(arguments: [["--call=build"], ["--call="], ["--check=false"], []])
    func `options that build`(_ arguments: [String]) throws {
        let command = try BuildCommand.parse(try ArgumentNormalizer.normalize(arguments + ["."]))
        #expect(try command.request(environment: [:]).call == nil)
    }

    @Test func `two questions at once are refused`() throws {
        let command = try BuildCommand.parse(["--check", "--call=outline", "."])
        #expect(throws: OptionError.conflicting("--check and --call=outline cannot be used together")) {
            try command.request(environment: [:])
        }
    }

    @Test(arguments: [
        (["."], "Dockerfile"), (["app"], "app/Dockerfile"), (["./app/"], "app/Dockerfile"),
        (["-f", "build/a b.Dockerfile", "."], "build/a%20b.Dockerfile"),
        (["-f", "/x/Dockerfile", "."], "file:///x/Dockerfile"),
        (["-"], "Dockerfile"), (["-f", "-", "app"], "Dockerfile"),
        (["https://host/r.git"], "Dockerfile"), (["-f", "sub/D", "https://host/r.git"], "sub/D"),
    ])
    func `where code scanning looks for the Dockerfile`(_ arguments: [String], _ uri: String) throws {
        #expect(try BuildCommand.parse(arguments).request(environment: [:]).dockerfileURI == uri)
    }

    @Test func `findings at the end of a build, short and in full`() {
        let finding = LintFinding(
            rule: .maintainerDeprecated,
            message: "Maintainer instruction is deprecated in favor of using label",
            range: SourceRange(line: 2)
        )
        let source = SourceFile(text: "FROM scratch\nMAINTAINER me\n")
        var list = FindingList(findings: [finding], source: source, isDetailed: false, isColored: false)
        let line = " - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)\n"
        #expect(list.text == "\n 1 warning found (use --debug to expand):\n" + line)
        list = FindingList(findings: [finding, finding], source: source, isDetailed: true, isColored: true)
        #expect(list.text.hasPrefix("\n \u{1B}[33m2 warnings found:\u{1B}[0m\n" + line))
        #expect(list.text.contains("More info: https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/\n"))
        #expect(list.text.contains("   2 | >>> MAINTAINER me\n"))
    }
}
