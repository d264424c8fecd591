import FoundationEssentials
import OCI

/// Progress as one JSON object a line, for programs; spec/09 §9.4.
package struct RawJSONRenderer: ProgressRenderer {
    private var vertices: [Digest: RawVertex] = [:]

    /// A renderer of BuildKit's `SolveStatus` messages.
    package init() {}

    package mutating func render(_ events: [ProgressEvent], at now: Timestamp) -> [UInt8] {
        var message = RawMessage()
        for event in events {
            add(event, to: &message)
        }
        return message.line
    }

    package mutating func finish(at now: Timestamp) -> [UInt8] { [] }

    private mutating func add(_ event: ProgressEvent, to message: inout RawMessage) {
        switch event.kind {
        case .announced(let name, let inputs), .started(let name, let inputs):
            vertices[event.vertex] =
                vertices[event.vertex] ?? RawVertex(digest: event.vertex, name: name, inputs: inputs)
        default:
            break
        }
        switch event.kind {
        case .announced, .started, .completed, .cached, .failed, .canceled:
            vertices[event.vertex]?.update(event)
            if let vertex = vertices[event.vertex] {
                message.vertices.append(vertex.json)
            }
        case .log(let stream, let bytes):
            message.logs.append(logText(event, stream, bytes))
        case .status(let status):
            message.statuses.append(statusText(event, status))
        case .warning(let warning):
            message.warnings.append(warningText(event, warning))
        }
    }

    private func logText(_ event: ProgressEvent, _ stream: ProgressEvent.LogStream, _ bytes: [UInt8]) -> JSONText {
        .object([
            ("vertex", .string("\(event.vertex)")), ("stream", .integer(Int64(stream.rawValue))),
            ("data", base64(bytes)), ("timestamp", .string("\(event.time)")),
        ])
    }

    private func statusText(_ event: ProgressEvent, _ status: ProgressStatus) -> JSONText {
        var members: [(String, JSONText)] = [("id", .string(status.id)), ("vertex", .string("\(event.vertex)"))]
        if status.total != 0 {
            members.append(("total", .integer(status.total)))
        }
        members.append(("current", .integer(status.current)))
        members.append(("timestamp", .string("\(event.time)")))
        members.append(("started", .string("\(status.started)")))
        if let completed = status.completed {
            members.append(("completed", .string("\(completed)")))
        }
        return .object(members)
    }

    private func warningText(_ event: ProgressEvent, _ warning: ProgressWarning) -> JSONText {
        var members: [(String, JSONText)] = [
            ("vertex", .string("\(event.vertex)")), ("level", .integer(Int64(warning.level))),
            ("short", base64(Array(warning.short.utf8))),
        ]
        if !warning.detail.isEmpty {
            members.append(("detail", .array(warning.detail.map { base64(Array($0.utf8)) })))
        }
        if let url = warning.url {
            members.append(("url", .string(url)))
        }
        if let file = warning.file {
            members.append(("sourceInfo", .object([("filename", .string(file))])))
        }
        if !warning.lines.isEmpty {
            members.append(("range", .array(warning.lines.map(rangeText))))
        }
        return .object(members)
    }

    private func rangeText(_ lines: ClosedRange<Int>) -> JSONText {
        .object([
            ("start", .object([("line", .integer(Int64(lines.lowerBound)))])),
            ("end", .object([("line", .integer(Int64(lines.upperBound)))])),
        ])
    }

    private func base64(_ bytes: [UInt8]) -> JSONText {
        .string(Data(bytes).base64EncodedString())
    }
}

/// One line: the arrays that are not empty.
private struct RawMessage {
    var vertices: [JSONText] = []
    var statuses: [JSONText] = []
    var logs: [JSONText] = []
    var warnings: [JSONText] = []

    var line: [UInt8] {
        let lists = [("vertexes", vertices), ("statuses", statuses), ("logs", logs), ("warnings", warnings)]
        let members = lists.filter { !$0.1.isEmpty }.map { ($0.0, JSONText.array($0.1)) }
        return members.isEmpty ? [] : JSONText.object(members).compact() + [UInt8(ascii: "\n")]
    }
}

/// What a message says about a vertex: always all that is known of it.
private struct RawVertex {
    let digest: Digest
    let name: String
    let inputs: [Digest]
    var started: Timestamp?
    var completed: Timestamp?
    var cached = false
    var error: String?

    init(digest: Digest, name: String, inputs: [Digest]) {
        self.digest = digest
        self.name = name
        self.inputs = inputs
    }

    mutating func update(_ event: ProgressEvent) {
        switch event.kind {
        case .announced, .log, .status, .warning:
            return
        case .started:
            started = event.time
            completed = nil
            return
        case .completed:
            break
        case .cached:
            cached = true
        case .failed(let message):
            error = message
        case .canceled:
            error = "context canceled"
        }
        started = started ?? event.time
        completed = event.time
    }

    var json: JSONText {
        var members: [(String, JSONText)] = [("digest", .string("\(digest)"))]
        if !inputs.isEmpty {
            members.append(("inputs", .strings(inputs.map(\.description))))
        }
        members.append(("name", .string(name)))
        if let started {
            members.append(("started", .string("\(started)")))
        }
        if let completed {
            members.append(("completed", .string("\(completed)")))
        }
        if cached {
            members.append(("cached", .bool(true)))
        }
        if let error {
            members.append(("error", .string(error)))
        }
        return .object(members)
    }
}
