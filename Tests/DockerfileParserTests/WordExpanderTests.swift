import Testing

@testable import DockerfileParser

@Suite struct WordExpanderTests {
    @Test(arguments: [("expand-as-bash.txt", 400), ("expand-own.txt", 150), ("expand-nested.txt", 500)])
    func expandsAsTheTableSays(_ name: String, _ minimum: Int) throws {
        let bytes = try #require(TestData("parser-tables").read(name, of: "."))
        let rows = ExpansionTable(String(decoding: bytes, as: UTF8.self)).rows
        #expect(rows.count > minimum)
        for row in rows { #expect(row.actual == row.expected, "\(row)") }
    }

    @Test func namesTheVariablesUsed() throws {
        let result = try WordExpander().expand("$a ${b:-$c} $a", environment: ["a": "1", "c": "3"])
        #expect(result.definedNames == ["a", "c"])
        #expect(result.undefinedNames == ["b"])
    }

    @Test func keepsBytesOfDocumentsThatAreNotText() throws {
        let result = try WordExpander.expandDocument([0xFF, 0x24, 0x61, 0x00]) { _ in "x" }
        #expect(result.bytes == [0xFF, 0x78, 0x00])
    }

    @Test func quotesTheWordInErrors() {
        let error = #expect(throws: ParseError.self) {
            try WordExpander().expand("a'\"\t", environment: [:])
        }
        let reason = "unexpected end of statement while looking for matching single-quote"
        #expect(error?.description == #"failed to process "a'\"\t": "# + reason)
    }

    @Test func refusesSubstitutionsNestedTooDeeply() {
        let depth = 100_000
        let word = String(repeating: "${a:-", count: depth) + "x" + String(repeating: "}", count: depth)
        #expect(throws: ParseError.self) { try WordExpander().expand(word, environment: [:]) }
    }

    @Test func matchesPatternsInLinearTime() throws {
        let value = String(repeating: "a", count: 20_000)
        let word = "${v%%" + String(repeating: "*a", count: 30) + "b}${v//a/b}${v/*a*a*b/x}"
        let result = try WordExpander().expand(word, environment: ["v": value])
        #expect(result.text == value + String(repeating: "b", count: 20_000) + value)
    }
}
