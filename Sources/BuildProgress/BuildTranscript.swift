import OCI
import Synchronization

/// What became of each vertex of a build and what its processes wrote, for a record of the build.
///
/// Of logs it keeps the first `headLimit` bytes and the last `tailLimit`.
package final class BuildTranscript: Sendable {
    /// How a vertex ended.
    package enum Ending: Hashable, Sendable {
        case done
        case cached
        case failed(String)
        case canceled
    }

    /// A vertex as far as its events tell.
    package struct Vertex: Hashable, Sendable {
        package let id: Digest
        package let name: String
        /// Nil where it never began.
        package fileprivate(set) var started: Timestamp?
        package fileprivate(set) var completed: Timestamp?
        package fileprivate(set) var ending: Ending?
        package fileprivate(set) var warnings: [ProgressWarning] = []
    }

    /// What a process of a vertex wrote at once.
    package struct Piece: Hashable, Sendable {
        package let vertex: Digest
        package let stream: ProgressEvent.LogStream
        package let time: Timestamp
        package var bytes: [UInt8]
    }

    private struct State {
        var vertices: [Digest: Vertex] = [:]
        var announced: [Digest] = []
        var begun: [Digest] = []
        var head: [Piece] = []
        var headBytes = 0
        var tail: [Piece] = []
        var tailBytes = 0
        /// How many pieces at the front of `tail` are dropped already.
        var dropped = 0
        var droppedBytes = 0
    }

    private let state = Mutex(State())
    private let headLimit: Int
    private let tailLimit: Int

    /// A transcript of a build that has not begun.
    package init(headLimit: Int = 4 << 20, tailLimit: Int = 1 << 20) {
        self.headLimit = headLimit
        self.tailLimit = tailLimit
    }

    /// The vertices in the order in which they began, then those that never did.
    package var vertices: [Vertex] {
        state.withLock { state in
            let begun = Set(state.begun)
            return (state.begun + state.announced.filter { !begun.contains($0) }).compactMap { state.vertices[$0] }
        }
    }

    /// The logs, in their order; where some is left out, a line says so.
    package var log: [Piece] {
        state.withLock { state in
            let tail = state.tail[state.dropped...]
            guard state.droppedBytes > 0, let next = tail.first else { return state.head + tail }
            let text = "[output clipped: \(state.droppedBytes) bytes are not kept]\n"
            let notice = Piece(vertex: next.vertex, stream: .error, time: next.time, bytes: Array(text.utf8))
            return state.head + [notice] + tail
        }
    }

    /// Takes events in, in their order.
    func add(_ events: [ProgressEvent]) {
        if events.isEmpty { return }
        state.withLock { state in
            for event in events { add(event, &state) }
        }
    }

    private func add(_ event: ProgressEvent, _ state: inout State) {
        switch event.kind {
        case .announced(let name, _): note(event.vertex, name, &state)
        case .started(let name, _):
            note(event.vertex, name, &state)
            begin(event, &state)
            state.vertices[event.vertex]?.ending = nil
        case .completed: end(.done, event, &state)
        case .cached: end(.cached, event, &state)
        case .failed(let message): end(.failed(message), event, &state)
        case .canceled: end(.canceled, event, &state)
        case .log(let stream, let bytes):
            keep(Piece(vertex: event.vertex, stream: stream, time: event.time, bytes: bytes), &state)
        case .status: begin(event, &state)
        case .warning(let warning):
            begin(event, &state)
            state.vertices[event.vertex]?.warnings.append(warning)
        }
    }

    private func note(_ id: Digest, _ name: String, _ state: inout State) {
        guard state.vertices[id] == nil else { return }
        state.vertices[id] = Vertex(id: id, name: name)
        state.announced.append(id)
    }

    private func begin(_ event: ProgressEvent, _ state: inout State) {
        guard let vertex = state.vertices[event.vertex], vertex.started == nil else { return }
        state.vertices[event.vertex]?.started = event.time
        state.begun.append(event.vertex)
    }

    private func end(_ ending: Ending, _ event: ProgressEvent, _ state: inout State) {
        begin(event, &state)
        state.vertices[event.vertex]?.ending = ending
        state.vertices[event.vertex]?.completed = event.time
    }

    private func keep(_ piece: Piece, _ state: inout State) {
        if state.tail.isEmpty, state.headBytes + piece.bytes.count <= headLimit {
            state.head.append(piece)
            state.headBytes += piece.bytes.count
            return
        }
        state.tail.append(piece)
        state.tailBytes += piece.bytes.count
        while state.tailBytes > tailLimit, state.dropped < state.tail.count - 1 {
            let bytes = state.tail[state.dropped].bytes.count
            state.tail[state.dropped].bytes = []
            state.dropped += 1
            state.droppedBytes += bytes
            state.tailBytes -= bytes
        }
        if state.dropped > 1024, state.dropped * 2 > state.tail.count {
            state.tail.removeFirst(state.dropped)
            state.dropped = 0
        }
    }
}

/// Renders as another renderer does, and lets a transcript see the events.
///
/// The transcript is filled from the loop that renders: whoever builds never waits for it.
package struct TranscribingRenderer: ProgressRenderer {
    private var base: any ProgressRenderer
    private let transcript: BuildTranscript

    /// `base`, with what it sees written down in `transcript`.
    package init(_ base: any ProgressRenderer, into transcript: BuildTranscript) {
        self.base = base
        self.transcript = transcript
    }

    package mutating func render(_ events: [ProgressEvent], at now: Timestamp) -> [UInt8] {
        transcript.add(events)
        return base.render(events, at: now)
    }

    package mutating func finish(at now: Timestamp) -> [UInt8] { base.finish(at: now) }
}
