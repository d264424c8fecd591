import OCI
import Testing

@Suite("timestamps")
struct TimestampTests {
    @Test(
        "times are written as Go writes them",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2024-02-29T23:59:59.120000000Z", "2024-02-29T23:59:59.12Z"),
            ("2024-02-29T23:59:59.000000001Z", "2024-02-29T23:59:59.000000001Z"),
            ("2024-02-29T23:59:59.1234567899Z", "2024-02-29T23:59:59.123456789Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
            ("2020-01-01T00:30:00+02:00", "2020-01-01T00:30:00+02:00"),
            ("2020-01-01T00:30:00-05:30", "2020-01-01T00:30:00-05:30"),
            ("2020-01-01T00:30:00+00:00", "2020-01-01T00:30:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ]
    )
    func roundTrip(text: String, expected: String) throws {
        #expect(try Timestamp(parsing: text).description == expected)
    }

    @Test("a time counts seconds since 1970")
    func seconds() throws {
        #expect(try Timestamp(parsing: "2001-09-09T01:46:40Z") == Timestamp(seconds: 1_000_000_000))
        #expect(try Timestamp(parsing: "2001-09-09T03:46:40+02:00").seconds == 1_000_000_000)
        #expect(Timestamp(seconds: -62_135_596_800).description == "0001-01-01T00:00:00Z")
        #expect(Timestamp(seconds: 1) < Timestamp(seconds: 1, nanoseconds: 1))
        #expect(Timestamp.now > Timestamp(seconds: 1_700_000_000))
    }

    @Test(
        "what is not RFC 3339 is refused",
        arguments: [
            "", "2024", "2024-01-01", "2024-01-01 00:00:00Z", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
            "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00+2:00",
        ]
    )
    func refused(text: String) {
        #expect(throws: TimestampError.self) { try Timestamp(parsing: text) }
    }
}
