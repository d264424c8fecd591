import BuildProgress
import OCI
import Testing

struct RawJSONRendererTests {
    private let id = Script.id("v")

    private func lines(_ body: (inout Script) -> Void) -> [String] {
        var script = Script()
        body(&script)
        return script.play(RawJSONRenderer()).split(separator: "\n").map(String.init)
    }

    @Test func aVertexIsToldInFullEachTime() {
        let input = Digest.sha256(of: "input")
        let output = lines {
            $0.add(0, "v", .announced(name: "RUN a && b", inputs: [input]))
            $0.start(0.5, "v")
            $0.add(1, "v", .completed)
        }
        let known = #"{"digest":"\#(id)","inputs":["\#(input)"],"name":"RUN a \u0026\u0026 b""#
        #expect(
            output == [
                #"{"vertexes":[\#(known)}]}"#,
                #"{"vertexes":[\#(known),"started":"2023-11-14T22:13:20.5Z"}]}"#,
                #"{"vertexes":[\#(known),"started":"2023-11-14T22:13:20.5Z","completed":"2023-11-14T22:13:21Z"}]}"#,
            ]
        )
    }

    @Test(arguments: [
        (ProgressEvent.Kind.cached, #""cached":true"#), (.failed("no"), #""error":"no""#),
        (.canceled, #""error":"context canceled""#),
    ])
    func endings(kind: ProgressEvent.Kind, member: String) {
        let output = lines {
            $0.announce("v")
            $0.add(0, "v", kind)
        }
        let time = #""started":"2023-11-14T22:13:20Z","completed":"2023-11-14T22:13:20Z""#
        #expect(output.last == #"{"vertexes":[{"digest":"\#(id)","name":"v",\#(time),\#(member)}]}"#)
    }

    @Test func statusesLogsAndWarningsOfOneRoundShareALine() {
        var script = Script()
        script.status(1, "v", "s", 0, since: 0)
        script.status(1, "v", "t", 5, of: 9, since: 0, done: true)
        script.log(1, "v", "hi\n", .error)
        script.add(
            1,
            "v",
            .warning(
                ProgressWarning(short: "w", detail: ["d"], url: "https://x", file: "Dockerfile", lines: [2...3])
            )
        )
        let (start, now) = ("2023-11-14T22:13:20Z", "2023-11-14T22:13:21Z")
        #expect(
            script.playAtOnce(RawJSONRenderer()) == """
                {"statuses":[\
                {"id":"s","vertex":"\(id)","current":0,"timestamp":"\(now)","started":"\(start)"},\
                {"id":"t","vertex":"\(id)","total":9,"current":5,"timestamp":"\(now)","started":"\(start)",\
                "completed":"\(now)"}],\
                "logs":[{"vertex":"\(id)","stream":2,"data":"aGkK","timestamp":"\(now)"}],\
                "warnings":[{"vertex":"\(id)","level":1,"short":"dw==","detail":["ZA=="],"url":"https://x",\
                "sourceInfo":{"filename":"Dockerfile"},\
                "range":[{"start":{"line":2},"end":{"line":3}}]}]}

                """
        )
    }

    @Test func nothingIsWrittenForNothing() {
        var renderer = RawJSONRenderer()
        #expect(renderer.render([], at: Script.start).isEmpty)
        #expect(renderer.finish(at: Script.start).isEmpty)
    }
}
