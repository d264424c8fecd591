import Testing

@testable import DockerfileParser

@Suite struct ValueTests {
    @Test(
        arguments: [
            ("0", 0), ("42", 42), ("1b", 1), ("1k", 1024), ("1K", 1024), ("1kb", 1024), ("1KiB", 1024),
            ("2m", 2_097_152),
            ("1.5g", 1_610_612_736), ("1 g", 1_073_741_824), (".5k", 512), ("3t", 3_298_534_883_328),
            ("1p", 1_125_899_906_842_624),
            ("64MB", 67_108_864), ("7E", nil), ("", nil), ("k", nil), ("-1", nil), ("1x", nil), ("1bb", nil),
            ("1kib2", nil),
            ("1kx", nil), ("1kibb", nil), ("1..5k", nil), ("9999999p", nil), ("nan", nil), ("0x10", nil), ("1  k", nil),
        ] as [(String, Int64?)]
    ) func parsesSizes(_ text: String, _ bytes: Int64?) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(arguments: [
        ("80", ["80/tcp"]), ("80/tcp", ["80/tcp"]), ("53/UDP", ["53/udp"]), ("9/sctp", ["9/sctp"]), ("0", ["0/tcp"]),
        ("65535", ["65535/tcp"]), ("0080", ["80/tcp"]), ("80/", ["80/tcp"]),
        ("8000-8002", ["8000/tcp", "8001/tcp", "8002/tcp"]),
        ("9-9/udp", ["9/udp"]), ("99-101", ["99/tcp", "100/tcp", "101/tcp"]), ("8080:80", ["80/tcp"]),
        ("127.0.0.1:8080:80/tcp", ["80/tcp"]), ("[::1]::80", ["80/tcp"]), (":80", ["80/tcp"]),
    ]) func expandsPorts(_ text: String, _ ports: [String]) throws {
        #expect(try PortSpecification(parsing: text).ports == ports)
    }

    @Test(arguments: [
        ("70000", "invalid containerPort: 70000"), ("abc", "invalid containerPort: abc"),
        ("90-80", "invalid containerPort: 90-80"),
        ("-80", "invalid containerPort: -80"), ("80-", "invalid containerPort: 80-"),
        ("+80", "invalid containerPort: +80"),
        ("80/foo", "invalid port: \"80/foo\": invalid proto: foo"), ("x:80", "invalid hostPort: x"),
        ("1-2-3", "invalid containerPort: 1-2-3"),
    ]) func refusesPorts(_ text: String, _ message: String) {
        let error = #expect(throws: ParseError.self) { try PortSpecification(parsing: text) }
        #expect(error?.message == message)
    }

    @Test func findsOddPorts() throws {
        let range = SourceRange(line: 3)
        #expect(try PortSpecification(parsing: "80/tcp").findings(at: range) == [])
        #expect(
            try PortSpecification(parsing: "80:80/TCP").findings(at: range) == [
                LintFinding(
                    rule: .exposeInvalidFormat,
                    message:
                        "EXPOSE instruction should not define an IP address or host-port mapping, found '80:80/TCP'",
                    range: range
                ),
                LintFinding(
                    rule: .exposeProtoCasing,
                    message: "Defined protocol '80:80/TCP' in EXPOSE instruction should be lowercase",
                    range: range
                ),
            ]
        )
    }

    @Test(arguments: ["SIGTERM", "term", "KILL", "sigint", "9", "64", "SIGRTMIN+3", "RTMAX-14", "RTMIN", "-1"])
    func knowsSignals(_ text: String) throws {
        try StopSignal.validate(text)
    }

    @Test(arguments: ["FOO", "0", "", "SIG", "RTMIN+16", "RTMAX-15", "RTMIN+0", "TERM "])
    func refusesSignals(_ text: String) {
        let error = #expect(throws: ParseError.self) { try StopSignal.validate(text) }
        #expect(error?.message == "invalid signal: \(text)")
    }

    @Test(arguments: [
        ("vendor.com/class=gpu0", "vendor.com/class=gpu0", false), ("name=x", "x", false), ("x,required", "x", true),
        ("x,required=true", "x", true), ("required,x", "x", true), ("name=a/b=c,required=0", "a/b=c", false),
        ("a/b=*", "a/b=*", false),
    ]) func parsesDevices(_ text: String, _ name: String, _ required: Bool) throws {
        #expect(try DeviceRequest(parsing: text) == DeviceRequest(name: name, required: required))
    }

    @Test(arguments: [
        ("x,y", "invalid field 'y' must be a key=value pair"),
        ("x,requird=1", "unexpected key 'requird' in 'requird=1' (did you mean required?)"),
        ("required", "device name is required"), ("x,required=2", "invalid value for required: 2"),
    ]) func refusesDevices(_ text: String, _ message: String) {
        let error = #expect(throws: ParseError.self) { try DeviceRequest(parsing: text) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        ("", "\"\""), ("a b", "\"a b\""), ("a\"\\", "\"a\\\"\\\\\""),
        ("\u{7}\u{8}\t\n\u{B}\u{C}\r", "\"\\a\\b\\t\\n\\v\\f\\r\""),
        ("\u{0}\u{1B}\u{7F}", "\"\\x00\\x1b\\x7f\""), ("ä😀", "\"ä😀\""), ("\u{A0}\u{200B}", "\"\\u00a0\\u200b\""),
        ("\u{FFFD}", "\"\u{FFFD}\""),
        ("\u{E0001}", "\"\\U000e0001\""), ("\u{85}", "\"\\u0085\""),
    ]) func quotesAsGo(_ text: String, _ quoted: String) {
        #expect(text.goQuoted == quoted)
    }

    @Test(
        arguments: [
            ("RNU", ["RUN", "ENV"], false, "RUN"), ("run", ["RUN"], false, nil), ("runn", ["RUN"], false, "run"),
            ("Runn", ["RUN"], false, "run"),
            ("xyz", ["abc"], true, nil), ("ab", ["abc", "abd"], true, "abc"), ("", ["ab"], true, "ab"),
            ("", ["abc"], true, nil),
        ] as [(String, [String], Bool, String?)]
    )
    func suggestsTheNearest(_ word: String, _ options: [String], _ caseSensitive: Bool, _ expected: String?) {
        #expect(Suggestion.nearest(to: word, among: options, caseSensitive: caseSensitive) == expected)
    }
}
