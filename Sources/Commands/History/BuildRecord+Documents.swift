import OCI
import Storage

// The records of builds as JSON, with buildx's names where it has one.

extension BuildRecord {
    /// The object of a line of `history ls --format json`.
    var summary: JSONText {
        let counts = counts
        return .object([
            ("cached_steps", .integer(Int64(counts.cached))), ("completed_at", .string("\(completedAt)")),
            ("completed_steps", .integer(Int64(counts.completed))), ("created_at", .string("\(startedAt)")),
            ("name", .string(name)), ("ref", .string(id)), ("status", .string(status.shown)),
            ("total_steps", .integer(Int64(counts.total))),
        ])
    }

    /// The object of `history inspect --format json`.
    var document: JSONText {
        let counts = counts
        var members: [(String, JSONText)] = [
            ("Name", .string(name)), ("Ref", .string(id)), ("Context", .string(definition.context)),
            ("Dockerfile", .string(definition.dockerfile)),
        ]
        if let digest = definition.dockerfileDigest { members.append(("DockerfileDigest", .string(digest))) }
        if let target = definition.target { members.append(("Target", .string(target))) }
        if !definition.platforms.isEmpty { members.append(("Platform", .strings(definition.platforms))) }
        members.append("NamedContexts", definition.contexts)
        members += [
            ("StartedAt", .string("\(startedAt)")), ("CompletedAt", .string("\(completedAt)")),
            ("Duration", .integer(nanoseconds)), ("Status", .string(status.rawValue)),
        ]
        if let error { members.append(("Error", .object([("Message", .string(error))]))) }
        members += [
            ("NumCompletedSteps", .integer(Int64(counts.completed))), ("NumTotalSteps", .integer(Int64(counts.total))),
            ("NumCachedSteps", .integer(Int64(counts.cached))),
        ]
        members.append("BuildArgs", definition.buildArguments)
        members.append("Labels", definition.labels)
        let options = definition.options.sorted { $0.key < $1.key }.map { ($0, JSONText.strings($1)) }
        members.append(("Options", .object(options)))
        members.append(("Steps", .array(steps.map { document(of: $0) })))
        members.append(("Outputs", .array(outputs.map(\.document))))
        return .object(members)
    }

    private func document(of step: StepRecord) -> JSONText {
        var members: [(String, JSONText)] = [
            ("Name", .string(step.name)), ("Digest", .string(step.vertex)), ("Outcome", .string(step.outcome.rawValue)),
        ]
        if let label = StepLabel(step.name).stage { members.append(("Stage", .string(label))) }
        if let file = step.file { members.append(("File", .string(file))) }
        if let line = step.line { members.append(("Line", .integer(Int64(line)))) }
        if let text = step.text { members.append(("Instruction", .string(text))) }
        if let start = step.start {
            members.append(("StartedAt", .string("\(startedAt.adding(nanoseconds: start))")))
        }
        if let end = step.end { members.append(("CompletedAt", .string("\(startedAt.adding(nanoseconds: end))"))) }
        if let error = step.error { members.append(("Error", .string(error))) }
        if let key = step.key {
            members.append(("Key", .string(key)))
            members.append(("KeyParts", .array(parts(of: step).map(\.document))))
            members.append(("KeyInputs", .array(step.inputs.map { document(of: $0) })))
        }
        return .object(members)
    }

    private func document(of input: StepRecord.Input) -> JSONText {
        var members: [(String, JSONText)] = [("Kind", .string(input.kind.rawValue))]
        if let digest = input.digest { members.append(("Digest", .string(digest))) }
        if let step = step(of: input) { members.append(("Step", .string(step.name))) }
        return .object(members)
    }
}

extension StepRecord.Part {
    fileprivate var document: JSONText {
        .object([("Kind", .string(kind)), ("Name", .string(name)), ("Value", .string(value))])
    }
}

extension BuildRecord.Output {
    fileprivate var document: JSONText {
        var members: [(String, JSONText)] = [("Type", .string(type))]
        if let destination { members.append(("Destination", .string(destination))) }
        if let digest { members.append(("Digest", .string(digest))) }
        if !names.isEmpty { members.append(("Names", .strings(names))) }
        return .object(members)
    }
}

extension [(String, JSONText)] {
    /// Adds a list of pairs, as buildx has them, unless it is empty.
    fileprivate mutating func append(_ name: String, _ pairs: [String: String]) {
        if pairs.isEmpty { return }
        let list = pairs.sorted { $0.key < $1.key }.map { name, value in
            JSONText.object([("Name", .string(name)), ("Value", .string(value))])
        }
        append((name, .array(list)))
    }
}

extension JSONText {
    /// The document in one line.
    var line: String { String(decoding: compact(), as: UTF8.self) }
}
