import OCI
import Testing

@testable import BuildProgress

struct BuildTranscriptTests {
    @Test("vertices are told in the order in which they began, with how they ended")
    func vertices() {
        var script = Script()
        for vertex in ["never", "cached", "failed", "done"] { script.announce(vertex) }
        script.start(1, "done")
        script.add(2, "cached", .cached)
        script.start(3, "failed")
        script.add(4, "failed", .failed("no"))
        script.add(5, "done", .completed)
        let transcript = BuildTranscript()
        transcript.add(script.events)
        #expect(transcript.vertices.map(\.name) == ["done", "cached", "failed", "never"])
        #expect(transcript.vertices.map(\.ending) == [.done, .cached, .failed("no"), nil])
        #expect(transcript.vertices.map(\.started) == [Script.time(1), Script.time(2), Script.time(3), nil])
        #expect(transcript.vertices.map(\.completed) == [Script.time(5), Script.time(2), Script.time(4), nil])
    }

    @Test("of long logs the beginning and the end are kept, and how much is left out is said")
    func longLogs() {
        var script = Script()
        script.start(0, "v")
        for number in 100..<1100 { script.log(1, "v", "line \(number)\n") }
        let transcript = BuildTranscript(headLimit: 90, tailLimit: 45)
        transcript.add(script.events)
        let text = String(decoding: transcript.log.flatMap(\.bytes), as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.first == "line 100" && lines.last == "line 1099")
        #expect(lines.contains { $0.hasPrefix("[output clipped: ") }, "\(text)")
        #expect(text.utf8.count < 90 + 45 + 80)
    }

    @Test("the renderer behind it shows what it would show alone")
    func transparency() {
        var script = Script()
        script.start(0, "v")
        script.log(1, "v", "text\n")
        script.add(2, "v", .completed)
        let transcript = BuildTranscript()
        var alone = PlainRenderer()
        var both = TranscribingRenderer(PlainRenderer(), into: transcript)
        #expect(both.render(script.events, at: Script.time(3)) == alone.render(script.events, at: Script.time(3)))
        #expect(both.finish(at: Script.time(3)) == alone.finish(at: Script.time(3)))
        #expect(transcript.log.map(\.bytes) == [Array("text\n".utf8)])
    }
}
