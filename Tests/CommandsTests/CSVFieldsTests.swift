import Testing

@testable import Commands

@Suite("CSV fields of option values")
struct CSVFieldsTests {
    @Test(
        "fields are split at commas, quotes removed",
        arguments: [
            ("a", ["a"]),
            ("", [""]),
            ("type=local,dest=out", ["type=local", "dest=out"]),
            ("type=image,\"name=a,b\"", ["type=image", "name=a,b"]),
            ("\"a\"\"b\",c", ["a\"b", "c"]),
            ("a,", ["a", ""]),
            (",", ["", ""]),
        ]
    )
    func splits(text: String, fields: [String]) throws {
        #expect(try CSVFields(text).fields == fields)
    }

    @Test("an unbalanced quote is refused", arguments: ["\"a", "a\"b", "\"a\"b", "x,\""])
    func refuses(text: String) {
        #expect(throws: OptionError.malformedFields(text)) { try CSVFields(text) }
    }

    @Test("keys are lower-cased, values kept")
    func pairs() throws {
        let pairs = try CSVFields("TYPE=Local,bare,a=b=c").pairs
        #expect(pairs.map(\.key) == ["type", "bare", "a"])
        #expect(pairs.map(\.value) == ["Local", nil, "b=c"])
    }
}
