import BuildProgress
import OCI
import Testing

struct TTYRendererTests {
    private static let hide = "\u{1B}[?25l"
    private static let show = "\u{1B}[?25h"

    /// The lines of one frame, without escape sequences for the cursor.
    private func frame(
        _ script: Script,
        at seconds: Double,
        width: Int = 60,
        height: Int = 20,
        isLast: Bool = false,
        style: TTYRenderer.Style = .plain
    ) -> [String] {
        var renderer = TTYRenderer(style: style) { TerminalSize(width: width, height: height) }
        var bytes = renderer.render(script.events, at: Script.time(seconds))
        if isLast {
            bytes = renderer.finish(at: Script.time(seconds))
        }
        var text = String(decoding: bytes, as: UTF8.self)
        if let end = text.firstRange(of: "\u{1B}[J") {
            text = String(text[..<end.lowerBound])
        }
        let lines = text.split(separator: "\n").map { String($0).replacing("\u{1B}[K", with: "") }
        return lines.map {
            $0.hasPrefix(Self.hide) ? String($0[($0.firstRange(of: "[+]")?.lowerBound ?? $0.startIndex)...]) : $0
        }
    }

    private var building: Script {
        var script = Script()
        for name in ["[1/3] FROM alpine", "[2/3] COPY . /src", "[3/3] RUN make"] {
            script.announce(name)
        }
        script.add(0, "[1/3] FROM alpine", .cached)
        script.start(0.02, "[2/3] COPY . /src")
        script.add(1.3, "[2/3] COPY . /src", .completed)
        script.start(1.3, "[3/3] RUN make")
        script.log(2, "[3/3] RUN make", "cc -c a.c\ncc -c b.c\n")
        return script
    }

    @Test func aFrameWhileItBuilds() {
        #expect(
            frame(building, at: 12.34) == [
                "[+] Building 12.3s (2/3) ",
                " => CACHED [1/3] FROM alpine                           0.0s",
                " => [2/3] COPY . /src                                  1.3s",
                " => [3/3] RUN make                                    11.0s",
                "\u{1B}[2m => => # cc -c a.c\u{1B}[0m",
                "\u{1B}[2m => => # cc -c b.c\u{1B}[0m",
            ]
        )
    }

    @Test func theLastFrameSaysFinishedAndDescribesTheBuilder() {
        var script = building
        script.add(3, "[3/3] RUN make", .completed)
        var style = TTYRenderer.Style.plain
        style.description = "docker:default"
        #expect(
            frame(script, at: 3, isLast: true, style: style).first
                == "[+] Building 3.0s (3/3) FINISHED             docker:default"
        )
    }

    @Test func completedLinesHaveColoursAndOthersNone() {
        var script = Script()
        for (name, kind) in [
            ("done", ProgressEvent.Kind.completed), ("bad", .failed("no")), ("stopped", .canceled), ("old", .cached),
        ] {
            script.start(0, name)
            script.add(1, name, kind)
        }
        script.start(1, "running")
        script.add(1, "running", .warning(ProgressWarning(short: "careful")))
        let lines = frame(script, at: 1, width: 40, style: TTYRenderer.Style())
        #expect(
            lines.dropFirst() == [
                "\u{1B}[34m => done                           1.0s\u{1B}[0m",
                "\u{1B}[31m => ERROR bad                      1.0s\u{1B}[0m",
                "\u{1B}[33m => CANCELED stopped               1.0s\u{1B}[0m",
                "\u{1B}[34m => CACHED old                     1.0s\u{1B}[0m",
                " => running                        0.0s",
                " => WARN: careful                  0.0s",
            ]
        )
    }

    @Test func statusesAreChildrenWithCountersWhereThereIsRoom() {
        var script = Script()
        script.start(0, "pull")
        script.status(0.2, "pull", "sha256:abc", 3_400_000, of: 3_400_000, since: 0, done: true)
        script.status(0.2, "pull", "extracting", since: 0.2)
        #expect(
            frame(script, at: 0.5, width: 50).dropFirst() == [
                " => pull                                     0.5s",
                " => => sha256:abc 3.40MB / 3.40MB            0.2s",
                " => => extracting                            0.3s",
            ]
        )
        #expect(frame(script, at: 0.5, width: 24).dropFirst(2).first == " => => sha256:abc  0.2s")
    }

    @Test func namesAreCutAndLinesWithoutRoomLeftOut() {
        var script = Script()
        script.start(0, "a name that is rather long\tand has a tab")
        #expect(frame(script, at: 0, width: 40).last == " => a name that is rather long an  0.0s")
        #expect(frame(script, at: 0, width: 22).count == 1)
    }

    @Test func namesCannotMoveTheCursor() {
        var script = Script()
        script.start(0, "RUN \u{1B}[2J\nx")
        #expect(frame(script, at: 0).last == " => RUN  [2J x                                         0.0s")
    }

    @Test func whatDoesNotFitIsLeftOutOldestFirstButNotWhatIsAtWork() {
        var script = Script()
        script.start(0, "at work")
        for index in 1...9 {
            script.start(0, "step \(index)")
            script.add(0, "step \(index)", .completed)
        }
        let names = frame(script, at: 0, height: 6).dropFirst().map { $0.dropFirst(4).prefix(7) }
        #expect(names == ["at work", "step 7 ", "step 8 ", "step 9 "])
        #expect(frame(script, at: 0, height: 6, isLast: true).count == 11)
    }

    @Test func logsAreShownOnlyWhereThereIsRoom() {
        #expect(frame(building, at: 3, height: 12).count == 4)
        #expect(frame(building, at: 3, height: 13).count == 6)
    }

    @Test func theLogOfWhatWritesMostIsShown() {
        var script = Script()
        script.start(0, "quiet")
        script.start(0, "loud")
        script.log(0, "quiet", "psst\n")
        script.log(0, "loud", String(repeating: "hey\n", count: 50))
        let lines = frame(script, at: 0, height: 16)
        #expect(lines.contains { $0.contains("hey") })
        #expect(!lines.contains { $0.contains("psst") })
        #expect(frame(script, at: 0, height: 40).contains { $0.contains("psst") })
    }

    @Test func theNextFrameReplacesTheOneBefore() {
        var script = Script()
        script.start(0, "v")
        var renderer = TTYRenderer(style: .plain) { TerminalSize(width: 30, height: 10) }
        let first = String(decoding: renderer.render(script.events, at: Script.time(0)), as: UTF8.self)
        let second = String(decoding: renderer.render([], at: Script.time(1)), as: UTF8.self)
        let text = { (seconds: String) in
            "[+] Building \(seconds)s (0/1) \u{1B}[K\n => v                    \(seconds)s\u{1B}[K\n\u{1B}[J"
        }
        #expect(first == Self.hide + text("0.0") + Self.show)
        #expect(second == Self.hide + "\r\u{1B}[2A" + text("1.0") + Self.show)
    }

    @Test func theEndTellsWhatFailed() {
        var script = Script()
        script.start(0, "v")
        script.log(0, "v", "why\n")
        script.add(0, "v", .failed("no"))
        let output = script.playAtOnce(TTYRenderer(style: .plain) { TerminalSize(width: 30, height: 10) })
        #expect(output.hasSuffix(Self.show + "------\n > v:\n0.000 why\n------\n"))
    }

    @Test func nothingIsDrawnBeforeSomethingBegins() {
        var script = Script()
        script.announce("v")
        #expect(script.play(TTYRenderer { TerminalSize(width: 30, height: 10) }).isEmpty)
    }

    @Test(arguments: [
        ("a\nb\nc\nd\n", ["c", "d"]),
        ("10%\r20%\r100%", ["100%"]),
        ("long line\rshort", ["shortline"]),
        ("long\r\u{1B}[Knew", ["new"]),
        ("\u{1B}[1;31mred\u{1B}[0m \u{1B}]0;title\u{07}text", ["red text"]),
        ("ab\u{08}c", ["ac"]),
        ("a\tb", ["a       b"]),
        ("  \n\n x", [" x"]),
        ("0123456789abcdefghijXY", ["0123456789abcdefghij", "XY"]),
        ("\u{1B}[999999999999999999999999999999999999999999999Cz", ["z"]),
    ])
    func theLogWindowUnderstandsWhatTerminalsDo(text: String, shown: [String]) {
        var script = Script()
        script.start(0, "v")
        // A byte at a time: sequences and characters come in pieces.
        for byte in text.utf8 {
            script.add(0, "v", .log(.output, [byte]))
        }
        var style = TTYRenderer.Style.plain
        style.logLines = 3
        let lines = frame(script, at: 0, width: 30, height: 30, style: style).dropFirst(2)
        #expect(lines.map { $0.dropFirst(4 + 9).dropLast(4) }.suffix(2) == shown.map { Substring($0) }.suffix(2))
    }

    @Test(arguments: [
        ([:], TerminalColors.standard), (["NO_COLOR": ""], .standard), (["NO_COLOR": "1"], .none),
        (["NO_COLOR": "1", "BUILDKIT_COLORS": "run=red"], .none),
        (["BUILDKIT_COLORS": "nonsense:run=nocolour:error=1,2:cancel=1,2,300"], .standard),
    ])
    func coloursFollowTheEnvironment(environment: [String: String], colors: TerminalColors) {
        #expect(TerminalColors(environment: environment) == colors)
    }

    @Test func coloursCanBeChosen() {
        var script = Script()
        for (name, kind) in [("a", ProgressEvent.Kind.completed), ("b", .canceled), ("c", .failed(""))] {
            script.start(0, name)
            script.add(0, name, kind)
        }
        var style = TTYRenderer.Style()
        style.colors = TerminalColors(
            environment: ["BUILDKIT_COLORS": "run=green:CANCEL=light-cyan:error=200,0,7:warning=default"])
        let starts = frame(script, at: 0, style: style).dropFirst().map { $0.prefix { $0 != "m" } }
        #expect(starts == ["\u{1B}[32", "\u{1B}[96", "\u{1B}[38;2;200;0;7"])
    }
}

extension TTYRenderer.Style {
    /// Without colours.
    fileprivate static var plain: TTYRenderer.Style {
        var style = TTYRenderer.Style()
        style.colors = .none
        return style
    }
}
