import BuildProgress
import OCI
import Synchronization
import Testing

/// Keeps what is written.
private final class Page: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func write(_ more: [UInt8]) {
        bytes.withLock { $0 += more }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

struct ProgressStreamTests {
    private struct Failure: Error, CustomStringConvertible {
        let description = "no such thing"
    }

    private func run<Result: Sendable>(
        on page: Page,
        interval: Duration = .seconds(3600),
        logLimit: Int = 1 << 20,
        _ body: (ProgressStream) async throws -> Result
    ) async throws -> Result {
        try await ProgressStream.run(
            renderer: PlainRenderer(),
            interval: interval,
            logLimit: logLimit,
            clock: { Script.start },
            output: { page.write($0) },
            body: body
        )
    }

    @Test func everythingIsWrittenWhenTheBuildEnds() async throws {
        let page = Page()
        let result = try await run(on: page) { stream in
            try await stream.vertex("one") { vertex in
                vertex.log(Array("hello\n".utf8))
                return 1
            }
        }
        #expect(result == 1)
        #expect(page.text == "#1 one\n#1 0.000 hello\n#1 DONE 0.0s\n")
    }

    @Test func everythingIsWrittenWhenTheBuildFails() async throws {
        let page = Page()
        await #expect(throws: Failure.self) {
            try await run(on: page) { stream in
                try await stream.vertex("one") { _ in throw Failure() }
            }
        }
        #expect(page.text == "#1 one\n#1 ERROR: no such thing\n------\n > one:\n------\n")
    }

    @Test func everythingIsWrittenWhenTheBuildIsCancelled() async throws {
        let page = Page()
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await run(on: page) { stream in
                        try await stream.vertex("one") { _ in
                            let (never, continuation) = AsyncStream<Void>.makeStream()
                            for await _ in never {}
                            continuation.finish()
                            try Task.checkCancellation()
                        }
                    }
                }
                group.cancelAll()
                try await group.next()
            }
        }
        #expect(page.text == "#1 one\n#1 CANCELED\n")
    }

    @Test func theLoopWritesWhileTheBuildGoesOn() async throws {
        let (written, continuation) = AsyncStream<[UInt8]>.makeStream()
        try await ProgressStream.run(
            renderer: PlainRenderer(),
            interval: .milliseconds(1),
            clock: { Script.start },
            output: { continuation.yield($0) },
            body: { stream in
                VertexProgress(sink: stream, name: "one").start()
                for await bytes in written {
                    #expect(bytes == Array("#1 one\n".utf8))
                    break
                }
            }
        )
    }

    @Test func logsBeyondTheLimitAreDroppedAndThatIsSaidOnce() async throws {
        let page = Page()
        try await run(on: page, logLimit: 10) { stream in
            try await stream.vertex("one") { vertex in
                vertex.log(Array("12345678\n".utf8))
                vertex.log(Array("abc\n".utf8))
                vertex.log(Array("def\n".utf8))
            }
        }
        #expect(
            page.text == """
                #1 one
                #1 0.000 12345678
                #1 0.000 [output clipped: it came faster than it could be shown]
                #1 DONE 0.0s

                """
        )
    }

    @Test func partsOfTheWorkReportTheirOwnProgress() async throws {
        let page = Page()
        try await run(on: page) { stream in
            try await stream.vertex("pull") { vertex in
                let blob = vertex.status("sha256:a", total: 2000)
                blob.update(1000)
                blob.complete()
                try await vertex.status("extracting") {}
                vertex.warn(ProgressWarning(short: "slow"))
            }
        }
        #expect(
            page.text == """
                #1 pull
                #1 sha256:a 2.00kB / 2.00kB done
                #1 extracting done
                #1 WARN: slow
                #1 DONE 0.0s

                """
        )
    }

    @Test func verticesOfTheSameNameStayApart() {
        let sink = SilentProgress()
        #expect(VertexProgress(sink: sink, name: "x").vertex != VertexProgress(sink: sink, name: "x").vertex)
    }

    @Test func quietShowsNothing() {
        var script = Script()
        script.start(0, "v")
        script.add(0, "v", .failed("no"))
        #expect(script.play(QuietRenderer()).isEmpty)
    }
}
