import BuildGraph
import DockerfileParser
import FoundationEssentials
import Frontend
import OCI

// Answers in the JSON of the frontend's subrequests (spec/01 §1.14): empty values are left out, documents are base64.

extension CheckReport {
    var json: JSONText {
        let file = JSONText.object([
            ("filename", .string(source.name)), ("language", .string("Dockerfile")), ("data", source.base64),
        ])
        var members: [(String, JSONText)] = [
            ("warnings", .array(findings.map(Self.json))), ("sources", .array([file])),
        ]
        if let error { members.append(("buildError", Self.json(error))) }
        return .object(members)
    }

    private static func json(_ error: FrontendError) -> JSONText {
        let ranges = error.locations.map { SourceRange($0) }
        return .object([("message", .string("\(error)")), ("location", SourceRange.location(ranges))])
    }

    private static func json(_ finding: LintFinding) -> JSONText {
        .object(
            [
                ("ruleName", .string(finding.rule.rawValue)), ("description", .string(finding.rule.description)),
            ] + (finding.rule.url.map { [("url", .string($0))] } ?? []) + [
                ("detail", .string(finding.message)), ("location", SourceRange.location([finding.range])),
            ]
        )
    }
}

extension Outline {
    var json: JSONText {
        let lists: [(String, [JSONText])] = [
            ("args", arguments.map(Self.json)), ("secrets", secrets.map(Self.json)), ("ssh", agents.map(Self.json)),
            ("cache", caches.map(Self.json)),
        ]
        return .object(
            JSONText.members([("name", name), ("description", description)])
                + lists.filter { !$0.1.isEmpty }.map { ($0.0, .array($0.1)) } + [("sources", .array([source.base64]))]
        )
    }

    private static func json(_ argument: Argument) -> JSONText {
        .object(
            [("name", .string(argument.name))]
                + JSONText.members([("description", argument.description), ("value", argument.value)])
                + [("location", SourceRange.location([argument.range]))]
        )
    }

    private static func json(_ forwarded: Forwarded) -> JSONText {
        .object(
            [("name", .string(forwarded.name))] + (forwarded.isRequired ? [("required", .bool(true))] : [])
                + [("location", SourceRange.location([forwarded.range]))]
        )
    }

    private static func json(_ cache: Cache) -> JSONText {
        .object([("ID", .string(cache.id)), ("location", SourceRange.location([cache.range]))])
    }
}

extension TargetList {
    var json: JSONText {
        .object([("targets", .array(targets.map(Self.json))), ("sources", .array([source.base64]))])
    }

    private static func json(_ target: Target) -> JSONText {
        .object(
            JSONText.members([("name", target.name)]) + (target.isDefault ? [("default", .bool(true))] : [])
                + JSONText.members([
                    ("description", target.description), ("base", target.base), ("platform", target.platform),
                ]) + [("location", SourceRange.location([target.range]))]
        )
    }
}

extension SourceRange {
    /// The lines of a location.
    init(_ location: SourceLocation) {
        self.init(startLine: location.lines.lowerBound, endLine: location.lines.upperBound)
    }

    /// A location in the only source; without ranges an empty object.
    fileprivate static func location(_ ranges: [SourceRange]) -> JSONText {
        guard !ranges.isEmpty else { return .object([]) }
        let position = { (line: Int) in JSONText.object([("line", .integer(Int64(line)))]) }
        let list = ranges.map { JSONText.object([("start", position($0.startLine)), ("end", position($0.endLine))]) }
        return .object([("ranges", .array(list))])
    }
}

extension SourceFile {
    fileprivate var base64: JSONText { .string(Data(bytes).base64EncodedString()) }
}

extension JSONText {
    /// The members that have a value.
    fileprivate static func members(_ values: [(String, String?)]) -> [(String, JSONText)] {
        values.compactMap { key, value in value.flatMap { $0.isEmpty ? nil : (key, .string($0)) } }
    }
}
