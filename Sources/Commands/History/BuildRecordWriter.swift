import BuildGraph
import BuildProgress
import BuildSolver
import DockerfileParser
import LinuxSystem
import OCI
import Storage

/// Says in the terms of a record what is known of a build that has ended, without its secrets.
struct BuildRecordWriter {
    let request: BuildRequest
    let graph: Graph
    let keys: [Digest: KeyParts]
    let started: Timestamp
    let redaction: Redaction
    private let keyParts: [Digest: [KeyPart]]
    private let context: String
    /// The lines of the Dockerfile; empty where it was not read.
    private let lines: [String]
    private let source: SourceFile?

    init(
        request: BuildRequest,
        graph: Graph,
        keys: [Digest: KeyParts],
        source: SourceFile?,
        secrets: [String],
        started: Timestamp
    ) {
        self.request = request
        self.graph = graph
        self.keys = keys
        self.source = source
        self.started = started
        lines = source?.lines ?? []
        context = request.context.recordedName
        keyParts = Dictionary(uniqueKeysWithValues: graph.order.map { ($0, graph[$0]?.keyParts ?? []) })
        let sensitive = keyParts.values.joined().flatMap(\.sensitiveValues)
        redaction = Redaction(hiding: request.sensitiveValues + sensitive + secrets)
    }

    /// The steps of the build, in the order in which they began, with the parts of their keys, each once.
    func steps(_ vertices: [BuildTranscript.Vertex]) -> (steps: [StepRecord], parts: [StepRecord.Part]) {
        let places = Dictionary(vertices.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var parts: [StepRecord.Part] = []
        var known: [KeyPart: Int] = [:]
        let steps = vertices.map { told in
            var step = StepRecord(vertex: "\(told.id)", name: redaction.text(told.name), outcome: told.outcome)
            if let started = told.started { step.start = nanoseconds(started) }
            if let completed = told.completed { step.end = nanoseconds(completed) }
            if case .failed(let message) = told.ending { step.error = redaction.text(message) }
            guard let vertex = graph[told.id] else { return step }
            describe(vertex, &step, places)
            for part in keyParts[told.id] ?? [] {
                let place = known[part] ?? parts.count
                if place == parts.count {
                    known[part] = place
                    parts.append(self.part(part))
                }
                step.parts.append(place)
            }
            return step
        }
        return (steps, parts)
    }

    private func describe(_ vertex: Vertex, _ step: inout StepRecord, _ places: [Digest: Int]) {
        if let location = vertex.location {
            step.file = location.file
            step.line = location.lines.lowerBound
            step.lastLine = location.lines.upperBound
            step.text = text(of: location, vertex)
        }
        if vertex.ignoreCache { step.ignoresCache = true }
        guard let key = keys[vertex.id] else { return }
        step.key = "\(key.key)"
        step.identity = "\(key.identity)"
        step.inputs = zip(key.inputs, vertex.inputs).map { part, input in
            let place = input.vertex.flatMap { places[$0] }
            return switch part {
            case .scratch: StepRecord.Input(kind: .scratch, digest: nil, step: nil)
            case .key(let key): StepRecord.Input(kind: .key, digest: "\(key)", step: place)
            case .content(let digest): StepRecord.Input(kind: .content, digest: "\(digest)", step: place)
            }
        }
    }

    /// The instruction at a location; nil where the step is not what is written there, as a trigger of `FROM` is not.
    private func text(of location: SourceLocation, _ vertex: Vertex) -> String? {
        guard lines.indices.contains(location.lines.upperBound - 1) else { return nil }
        let text = lines[location.lines.lowerBound - 1..<location.lines.upperBound].joined(separator: "\n")
        if case .source(.image) = vertex.operation { return redaction.text(text) }
        return text.prefix(5).lowercased() == "from " ? nil : redaction.text(text)
    }

    private func part(_ part: KeyPart) -> StepRecord.Part {
        let value =
            part.kind == .environment ? redaction.value(part.value, of: part.name) : redaction.text(part.value)
        return StepRecord.Part(kind: part.kind.rawValue, name: redaction.text(part.name), value: value)
    }

    private func nanoseconds(_ time: Timestamp) -> Int64 { max(0, time.nanoseconds(since: started)) }

    /// What the steps wrote.
    func log(_ pieces: [BuildTranscript.Piece], of steps: [StepRecord]) -> [HistoryLogEntry] {
        if pieces.isEmpty { return [] }
        let places = Dictionary(steps.enumerated().map { ($1.vertex, $0) }) { first, _ in first }
        var entries = pieces.map { piece in
            HistoryLogEntry(
                step: places["\(piece.vertex)"] ?? -1,
                stream: piece.stream.rawValue,
                time: nanoseconds(piece.time),
                bytes: piece.bytes
            )
        }
        for indices in Dictionary(grouping: entries.indices, by: { entries[$0].step }).values {
            for (index, bytes) in zip(indices, redaction.bytes(indices.map { entries[$0].bytes })) {
                entries[index].bytes = bytes
            }
        }
        return entries.filter { $0.step >= 0 }
    }

    /// What was written.
    func outputs(_ result: BuildResult) -> [BuildRecord.Output] {
        request.outputs.map { output in
            var destination: String?
            if case .path(let path) = output.destination { destination = redaction.text(path) }
            let isImage = output.kind == .oci || output.kind == .docker || output.kind == .image
            return BuildRecord.Output(
                type: output.kind.rawValue,
                destination: destination,
                digest: isImage ? result.image.map { "\($0.digest)" } : nil,
                names: isImage ? result.names.map { "\($0)" } : []
            )
        }
    }

    /// What was asked for.
    var definition: BuildRecordDefinition {
        var definition = BuildRecordDefinition(
            directory: (try? Directory.open(".").currentPath())?.string ?? "",
            context: redaction.text(context),
            dockerfile: redaction.text(request.dockerfile.recordedName)
        )
        definition.dockerfileDigest = source.map { "\(Digest.sha256(of: $0.bytes))" }
        definition.target = request.definition.target
        definition.platforms = request.definition.platforms.map(\.description)
        definition.contexts = request.definition.contexts.mapValues { redaction.text($0) }
        for (name, value) in request.definition.buildArguments {
            definition.buildArguments[name] = redaction.value(value, of: name)
        }
        for (name, value) in request.definition.labels {
            definition.labels[name] = redaction.text(value)
        }
        definition.options = request.recordedOptions.mapValues { $0.map { redaction.text($0) } }
        return definition
    }

    /// The build in a few words.
    var name: String {
        redaction.text(BuildName.text(request, context: context))
    }
}

extension BuildTranscript.Vertex {
    fileprivate var outcome: StepRecord.Outcome {
        switch ending {
        case .done: .ran
        case .cached: .hit
        case .failed: .failed
        case .canceled: .canceled
        case nil: started == nil ? .pending : .canceled
        }
    }
}
