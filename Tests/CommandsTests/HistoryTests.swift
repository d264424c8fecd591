import OCI
import Storage
import Testing

@testable import Commands

struct RedactionTests {
    @Test func hidesValuesAndCredentials() {
        let redaction = Redaction(hiding: ["secret", "secretly", "x", "first line\nsecond line"])
        #expect(redaction.text("a secret, secretly x") == "a *****, ***** x")
        #expect(redaction.text("got second line") == "got *****")
        #expect(redaction.text("https://u:p@h/a") == "https://xxxxx@h/a")
    }

    @Test(
        arguments: [
            ("NPM_TOKEN", "abc", "*****"), ("VERSION", "1", "1"), ("HTTPS_PROXY", "u:p@h:1", "xxxxx@h:1"),
            ("http_proxy", "http://u:p@h:1", "http://xxxxx@h:1"), ("MAIL", "a@b", "a@b"),
        ]
    )
    func values(_ name: String, _ value: String, _ shown: String) {
        #expect(Redaction(hiding: []).value(value, of: name) == shown)
    }

    @Test(
        arguments: [
            (["se", "cret"], ["*****", ""]), (["a secret b secret"], ["a ***** b *****"]),
            (["a", "sec", "ret", "b"], ["a", "*****", "", "b"]), (["sec", "sec"], ["sec", "sec"]),
            (["secretsecretly"], ["**********"]), ([""], [""]),
        ] as [([String], [String])]
    )
    func logs(_ pieces: [String], _ expected: [String]) {
        let redaction = Redaction(hiding: ["secret", "secretly"])
        let texts = redaction.bytes(pieces.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
        #expect(texts == expected)
    }

    @Test func passwordsOfURLsAreSecretsOfTheirOwn() {
        #expect(Redaction.sensitive("MIRROR", "https://me:pass@h") == ["me:pass", "pass"])
        #expect(Redaction.sensitive("FTP_PROXY", "me:pass@h") == ["me:pass"])
        #expect(Redaction.sensitive("A", "b") == [])
    }
}

struct ShownTimeTests {
    @Test(
        arguments: [
            (0, "Less than a second ago"), (1, "1 second ago"), (59, "59 seconds ago"), (60, "About a minute ago"),
            (125, "2 minutes ago"), (3600, "About an hour ago"), (7200, "2 hours ago"), (3 * 86_400, "3 days ago"),
            (21 * 86_400, "3 weeks ago"), (90 * 86_400, "3 months ago"), (800 * 86_400, "2 years ago"),
        ] as [(Int64, String)]
    )
    func ago(_ seconds: Int64, _ text: String) {
        #expect(ShownTime.ago(seconds) == text)
    }

    @Test func durations() {
        #expect(ShownTime.duration(340_000_000) == "0.3s")
        #expect(ShownTime.duration(125_000_000_000) == "2m  5s")
        #expect(Timestamp(seconds: 1, nanoseconds: 999_999_999).adding(nanoseconds: 2).nanoseconds == 1)
    }
}

struct HistoryFilterTests {
    private static let now = Timestamp(seconds: 1_700_000_000)

    private var record: BuildRecord {
        BuildRecord(
            id: "abc123",
            name: "x",
            status: .failed,
            startedAt: Timestamp(seconds: Self.now.seconds - 3600),
            nanoseconds: 5_000_000_000,
            definition: BuildRecordDefinition(directory: "/", context: "https://h/r.git", dockerfile: "Dockerfile")
        )
    }

    @Test(
        arguments: [
            ("status=error", true), ("status!=error", false), ("status=completed", false), ("ref=abc", true),
            ("ref!=abc123", false), ("repository=h/r", true), ("duration>4s", true), ("duration<=4s", false),
            ("duration<1h30m", true), ("duration>4.5s", true), ("duration>5000001µs", false),
            ("startedAt<30m", true), ("startedAt>30m", false), ("completedAt>=2h", true),
            ("startedAt>2001-01-01T00:00:00Z", true),
        ]
    )
    func matches(_ text: String, _ expected: Bool) throws {
        #expect(try HistoryFilter(parsing: text, now: Self.now).matches(record) == expected)
    }

    @Test(arguments: [
        "x", "x=1", "status>error", "duration=1s", "duration>x", "startedAt>x", "duration>", "duration>5", "duration>h",
        "duration>1x", "duration>1..2s",
    ])
    func refused(_ text: String) {
        #expect(throws: OptionError.self) { try HistoryFilter(parsing: text) }
    }
}

struct StepLabelTests {
    @Test func partsOfNames() {
        #expect(StepLabel("[linux/arm64 build 2/5] RUN make").stage == "linux/arm64 build")
        #expect(StepLabel("[2/5] RUN a] b").stage == "")
        #expect(StepLabel("[2/5] RUN a] b").text == "RUN a] b")
        #expect(StepLabel("[internal] load build context").stage == "internal")
        #expect(StepLabel("copy /context /").stage == nil)
    }
}
