import DockerfileParser
import Frontend
import OCI

/// A check as SARIF 2.1.0 (OASIS), for code scanning.
struct SARIFLog {
    let report: CheckReport
    /// Where the Dockerfile is: a relative reference, or a `file` URI.
    let uri: String

    /// The rule of results that say why the Dockerfile cannot be built.
    private static let errorRule = "BuildError"

    var json: JSONText {
        .object([
            ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .string("2.1.0")),
            ("runs", .array([run])),
        ])
    }

    private var run: JSONText {
        .object([
            ("tool", .object([("driver", driver)])), ("invocations", .array([invocation])),
            ("results", .array(report.findings.map(result) + errorResults)),
        ])
    }

    private var driver: JSONText {
        let error = JSONText.object([
            ("id", .string(Self.errorRule)), ("name", .string(Self.errorRule)),
            ("shortDescription", Self.message("The Dockerfile cannot be built")),
            ("defaultConfiguration", Self.level("error")),
        ])
        return .object([
            ("name", .string("swbuild")), ("version", .string(Swbuild.version)),
            ("rules", .array(LintRule.allCases.map(Self.rule) + [error])),
        ])
    }

    private static func rule(_ rule: LintRule) -> JSONText {
        .object(
            [
                ("id", .string(rule.rawValue)), ("name", .string(rule.rawValue)),
                ("shortDescription", message(rule.description)), ("defaultConfiguration", level("warning")),
            ] + (rule.url.map { [("helpUri", .string($0))] } ?? [])
        )
    }

    /// Whether the whole Dockerfile was looked at, and which base images were unavailable.
    private var invocation: JSONText {
        let notifications = report.unresolved.map { error in
            JSONText.object([("level", .string("warning")), ("message", Self.message("\(error)"))])
        }
        return .object([
            ("executionSuccessful", .bool(report.isComplete)), ("toolExecutionNotifications", .array(notifications)),
        ])
    }

    private func result(_ finding: LintFinding) -> JSONText {
        let index = LintRule.allCases.firstIndex(of: finding.rule) ?? 0
        return result(
            finding.rule.rawValue,
            index,
            failsByFindings ? "error" : "warning",
            finding.message,
            [finding.range]
        )
    }

    /// Whether `check=error=true` makes errors of findings, which is no result of its own.
    private var failsByFindings: Bool { report.error != nil && report.isComplete }

    private var errorResults: [JSONText] {
        guard let error = report.error, !failsByFindings else { return [] }
        let ranges = error.locations.map { SourceRange($0) }
        return [result(Self.errorRule, LintRule.allCases.count, "error", "\(error)", ranges)]
    }

    private func result(
        _ rule: String,
        _ index: Int,
        _ level: String,
        _ text: String,
        _ ranges: [SourceRange]
    ) -> JSONText {
        .object([
            ("ruleId", .string(rule)), ("ruleIndex", .integer(Int64(index))), ("level", .string(level)),
            ("message", Self.message(text)), ("locations", .array(locations(ranges))),
            ("partialFingerprints", .object([("swbuildFinding/v1", .string(fingerprint(rule, text, ranges)))])),
        ])
    }

    /// The places of a result; without any its first line, since code scanning wants one.
    private func locations(_ ranges: [SourceRange]) -> [JSONText] {
        (ranges.isEmpty ? [SourceRange(line: 1)] : ranges).map(location)
    }

    private func location(_ range: SourceRange) -> JSONText {
        let region = JSONText.object([
            ("startLine", .integer(Int64(range.startLine))), ("endLine", .integer(Int64(range.endLine))),
        ])
        let place: [(String, JSONText)] = [
            ("artifactLocation", .object([("uri", .string(uri))])), ("region", region),
        ]
        return .object([("physicalLocation", .object(place))])
    }

    /// The same for a finding whose lines have moved: what is said about which text.
    private func fingerprint(_ rule: String, _ text: String, _ ranges: [SourceRange]) -> String {
        let lines = report.source.lines
        let places = ranges.flatMap { lines.prefix($0.endLine).dropFirst($0.startLine - 1) }
        return Digest.sha256(of: ([rule, text] + places).joined(separator: "\n")).hex
    }

    private static func message(_ text: String) -> JSONText { .object([("text", .string(text))]) }

    private static func level(_ name: String) -> JSONText { .object([("level", .string(name))]) }
}
