import FoundationEssentials
import OCI

// The form of a record's file.
extension BuildRecord {
    /// The file's bytes: one JSON object, whose first member is the list of contents.
    func encoded() -> [UInt8] {
        var members: [(String, JSONText)] = [
            ("contents", .strings(contents)), ("id", .string(id)), ("name", .string(name)),
            ("status", .string(status.rawValue)), ("startedAt", .string("\(startedAt)")),
            ("nanoseconds", .integer(nanoseconds)), ("definition", definition.json),
            ("parts", .array(parts.map { .strings([$0.kind, $0.name, $0.value]) })),
            ("steps", .array(steps.map(\.json))), ("outputs", .array(outputs.map(\.json))),
        ]
        members.append("error", error)
        return JSONText.object(members).compact()
    }

    /// The record in a file's bytes; nil where they are not all of one.
    static func decoded(_ bytes: [UInt8]) -> BuildRecord? {
        try? JSONDecoder().decode(BuildRecord.self, from: Data(bytes))
    }

    /// Whether a file's bytes are all of some JSON object.
    static func isWhole(_ bytes: [UInt8]) -> Bool {
        struct Anything: Decodable {
            private enum CodingKeys: CodingKey {}

            init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: CodingKeys.self) }
        }
        return (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil
    }

    /// The contents that a record's file names, without reading the rest of it.
    static func contents(inFile bytes: [UInt8]) -> [String] {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return [] }
        let strings = bytes[..<end].split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
        return strings.filter { $0.starts(with: "sha256:".utf8) }.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension BuildRecordDefinition {
    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("directory", .string(directory)), ("context", .string(context)), ("dockerfile", .string(dockerfile)),
            ("platforms", .strings(platforms)), ("contexts", .map(contexts)),
            ("buildArguments", .map(buildArguments)), ("labels", .map(labels)),
            ("options", .object(options.sorted { $0.key < $1.key }.map { ($0, .strings($1)) })),
        ]
        members.append("dockerfileDigest", dockerfileDigest)
        members.append("target", target)
        members.append("scope", scope)
        return .object(members)
    }
}

extension StepRecord {
    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("vertex", .string(vertex)), ("name", .string(name)), ("outcome", .string(outcome.rawValue)),
            ("parts", .array(parts.map { .integer(Int64($0)) })), ("inputs", .array(inputs.map(\.json))),
        ]
        members.append("text", text)
        members.append("file", file)
        for (name, value) in [("line", line), ("lastLine", lastLine)] {
            if let value { members.append((name, .integer(Int64(value)))) }
        }
        for (name, value) in [("start", start), ("end", end)] {
            if let value { members.append((name, .integer(value))) }
        }
        members.append("error", error)
        if let ignoresCache { members.append(("ignoresCache", .bool(ignoresCache))) }
        members.append("key", key)
        members.append("identity", identity)
        return .object(members)
    }
}

extension StepRecord.Input {
    var json: JSONText {
        var members: [(String, JSONText)] = [("kind", .string(kind.rawValue))]
        members.append("digest", digest)
        if let step { members.append(("step", .integer(Int64(step)))) }
        return .object(members)
    }
}

extension BuildRecord.Output {
    var json: JSONText {
        var members: [(String, JSONText)] = [("type", .string(type)), ("names", .strings(names))]
        members.append("destination", destination)
        members.append("digest", digest)
        return .object(members)
    }
}

extension [(String, JSONText)] {
    fileprivate mutating func append(_ name: String, _ value: String?) {
        if let value { append((name, .string(value))) }
    }
}
