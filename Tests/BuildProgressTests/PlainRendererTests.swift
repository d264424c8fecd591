import BuildProgress
import OCI
import Testing

struct PlainRendererTests {
    /// The lines after the first, without the last newline.
    private func lines(_ body: (inout Script) -> Void) -> [String] {
        var script = Script()
        script.start(0, "v")
        body(&script)
        // By bytes: to Swift, a carriage return and a newline are one character.
        let lines = script.play(PlainRenderer()).utf8
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.dropFirst().dropLast().map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (0.0004, "0.000"), (9.9994, "9.999"), (10.004, "10.00"), (99.99, "99.99"), (100.04, "100.0"),
        (3723.25, "3723.3"),
    ])
    func theLongerItTakesTheLessPreciseIsTheTime(seconds: Double, text: String) {
        #expect(lines { $0.log(seconds, "v", "x\n") } == ["#1 \(text) x"])
    }

    @Test func aLineGoesOnWhateverStreamItIsFrom() {
        let output = lines {
            $0.log(1, "v", "no newline")
            $0.log(2, "v", "err\n", .error)
        }
        #expect(output == ["#1 1.000 no newlineerr"])
    }

    @Test func blankLinesTabsAndCarriageReturnsPass() {
        #expect(lines { $0.log(1, "v", "a\tb\r\n\nc\n") } == ["#1 1.000 a\tb\r", "#1 1.000 ", "#1 1.000 c"])
    }

    @Test func aLineThatIsNotCompleteIsEndedByTheEndOfTheVertex() {
        let output = lines {
            $0.log(1, "v", "half")
            $0.add(2, "v", .completed)
        }
        #expect(output == ["#1 1.000 half", "#1 DONE 2.0s"])
    }

    @Test func aLineThatWasInterruptedIsShownAgainInFull() {
        let output = lines {
            $0.log(1, "v", "half")
            $0.announce("w")
            $0.add(2, "w", .cached)
            $0.log(3, "v", " whole\n")
        }
        // The vertex was shown again, with the beginning of the line, as soon as the other one had ended.
        #expect(
            output == ["#1 1.000 half", "#1 ...", "", "#2 w", "#2 CACHED", "", "#1 v", "#1 1.000 half whole"]
        )
    }

    @Test func bytesThatAreNotTextPass() {
        var renderer = PlainRenderer()
        let start = ProgressEvent(time: Script.start, vertex: Script.id("v"), kind: .started(name: "v", inputs: []))
        let log = ProgressEvent(time: Script.start, vertex: Script.id("v"), kind: .log(.output, [0xff, 0x0a]))
        #expect(renderer.render([start, log], at: Script.start) == Array("#1 v\n#1 0.000 ".utf8) + [0xff, 0x0a])
    }

    @Test func aLineWithoutEndIsCutSomewhere() {
        let output = lines { script in
            for _ in 0..<20 {
                script.log(1, "v", String(repeating: "x", count: 10_000))
            }
        }
        #expect(output.count == 3)
        #expect(output.allSatisfy { $0.utf8.count <= 65_600 && $0.hasPrefix("#1 1.000 x") })
    }

    @Test func aStatusIsShownAgainAfterFivePercentOrFiveSecondsOrAtItsEnd() {
        let output = lines {
            $0.status(0, "v", "sha256:a", 0, of: 1_000_000, since: 0)
            $0.status(1, "v", "sha256:a", 49_999, of: 1_000_000, since: 0)
            $0.status(2, "v", "sha256:a", 50_000, of: 1_000_000, since: 0)
            $0.status(3, "v", "sha256:a", 60_000, of: 1_000_000, since: 0)
            $0.status(7.5, "v", "sha256:a", 61_000, of: 1_000_000, since: 0)
            $0.status(8, "v", "sha256:a", 1_000_000, of: 1_000_000, since: 0, done: true)
        }
        #expect(
            output == [
                "#1 sha256:a 0B / 1.00MB", "#1 sha256:a 50.00kB / 1.00MB 2.0s",
                "#1 sha256:a 61.00kB / 1.00MB 7.5s", "#1 sha256:a 1.00MB / 1.00MB 8.0s done",
            ]
        )
    }

    @Test(arguments: [
        (0, ""), (12, " 12B"), (999, " 999B"), (1000, " 1.00kB"), (1234, " 1.23kB"), (3_620_000, " 3.62MB"),
        (999_999, " 1000.00kB"), (5_000_000_000, " 5.00GB"), (Int64.max, " 9.22EB"),
    ])
    func bytesHaveDecimalUnits(count: Int64, text: String) {
        #expect(lines { $0.status(0, "v", "s", count, since: 0) } == ["#1 s\(text)"])
    }

    @Test func aShortStatusShowsNoSeconds() {
        let output = lines {
            $0.status(0.01, "v", "short", since: 0, done: true)
            $0.status(0.02, "v", "longer", since: 0, done: true)
        }
        #expect(output == ["#1 short done", "#1 longer 0.0s done"])
    }

    @Test func warningsComeOnceAndBeforeTheEnd() {
        let output = lines {
            $0.add(0, "v", .warning(ProgressWarning(short: "FromAsCasing: 'as' and 'FROM' (line 1)")))
            $0.log(0, "v", "x\n")
            $0.add(0, "v", .completed)
        }
        #expect(output == ["#1 WARN: FromAsCasing: 'as' and 'FROM' (line 1)", "#1 0.000 x", "#1 DONE 0.0s"])
    }

    @Test func aWarningAfterTheEndIsShownUnderTheNameAgain() {
        let output = lines {
            $0.add(1, "v", .completed)
            $0.start(1, "w")
            $0.add(2, "w", .completed)
            $0.add(3, "v", .warning(ProgressWarning(short: "UndefinedVar: '$A' (line 2)")))
        }
        let again = ["", "#1 v", "#1 WARN: UndefinedVar: '$A' (line 2)", "#1 DONE 1.0s"]
        #expect(output == ["#1 DONE 1.0s", "", "#2 w", "#2 DONE 1.0s"] + again)
    }

    @Test func theTimesOfAVertexThatBeganTwiceAddUp() {
        let output = lines {
            $0.add(1, "v", .completed)
            $0.start(5, "v")
            $0.add(7, "v", .completed)
        }
        #expect(output == ["#1 DONE 1.0s", "", "#1 v", "#1 DONE 3.0s"])
    }

    @Test func aCancelledVertexHasNoBlock() {
        let output = lines {
            $0.log(1, "v", "x\n")
            $0.add(2, "v", .canceled)
        }
        #expect(output == ["#1 1.000 x", "#1 CANCELED"])
    }

    @Test func theBlockHasTheLastTenLines() {
        let output = lines { script in
            for line in 1...12 {
                script.log(1, "v", "line \(line)\n")
            }
            script.log(1, "v", "half")
            script.add(2, "v", .failed("no"))
        }
        let block = (4...12).map { "1.000 line \($0)" } + ["1.000 half"]
        #expect(output.suffix(13) == ["------", " > v:"] + block + ["------"])
    }

    @Test func whatOnlyIsAnnouncedIsNotShown() {
        var script = Script()
        script.announce("v")
        #expect(script.play(PlainRenderer()).isEmpty)
    }

    @Test func eventsOfUnknownVerticesAreLeftOut() {
        var script = Script()
        script.log(0, "v", "x\n")
        script.add(0, "v", .completed)
        #expect(script.play(PlainRenderer()).isEmpty)
    }

    @Test func longNamesAreCutWhereThatIsAskedFor() {
        var script = Script()
        script.start(0, String(repeating: "n", count: 80))
        #expect(script.play(PlainRenderer()) == "#1 \(String(repeating: "n", count: 80))\n")
        #expect(
            script.play(PlainRenderer(truncateNames: true)) == "#1 \(String(repeating: "n", count: 72))...\n"
        )
    }

    @Test func anotherVertexIsShownAfterTenSecondsAtMost() {
        var script = Script()
        script.start(0, "busy")
        script.start(0, "quiet")
        for tenth in 1...150 {
            script.log(Double(tenth) / 10, "busy", "x\n")
            if tenth == 5 {
                script.log(0.5, "quiet", "here\n")
            }
        }
        let lines = script.play(PlainRenderer()).split(separator: "\n")
        #expect(lines.filter { $0 == "#1 ..." }.count == 1)
        let shown = lines.firstIndex(of: "#2 0.500 here") ?? 0
        // It has waited since it began.
        #expect(lines[..<shown].count { $0.hasSuffix(" x") } == 101)
    }

    @Test func whatEndedIsShownInTheOrderInWhichItDid() {
        var script = Script()
        for name in ["one", "two", "three"] {
            script.start(0, name)
        }
        script.add(3, "one", .completed)
        script.add(1, "two", .completed)
        script.log(2, "three", "still at it\n")
        #expect(
            script.playAtOnce(PlainRenderer()) == """
                #2 two
                #2 DONE 1.0s

                #1 one
                #1 DONE 3.0s

                #3 three
                #3 2.000 still at it

                """
        )
    }

    @Test func whatIsBusyStaysForAWhile() {
        var script = Script()
        script.start(0, "one")
        script.start(0, "two")
        for tenth in 1...40 {
            script.log(Double(tenth) / 10, tenth % 2 == 0 ? "two" : "one", "x\n")
        }
        #expect(!script.play(PlainRenderer()).contains("..."))
    }
}
