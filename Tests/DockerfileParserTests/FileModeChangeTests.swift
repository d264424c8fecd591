import Testing

@testable import DockerfileParser

@Suite struct FileModeChangeTests {
    @Test func changesModesAsTheTableSays() throws {
        let bytes = try #require(TestData("parser-tables").read("modes.txt", of: "."))
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix(";") }
        #expect(lines.count > 300)
        for line in lines {
            let words = line.split(separator: " ")
            let change = try FileModeChange(parsing: String(words[0]))
            let mode = try #require(UInt32(words[2], radix: 8))
            let result = change.apply(to: mode, isDirectory: words[1] == "d")
            #expect(String(result, radix: 8) == words[4], "\(line)")
        }
    }

    @Test(arguments: ["0": 0, "7": 7, "644": 0o644, "0755": 0o755, "4755": 0o4755, "7777": 0o7777, "00007777": 0o7777])
    func takesOctalModesAsTheyAre(_ text: String, _ mode: UInt32) throws {
        let change = try FileModeChange(parsing: text)
        #expect(change.absolute == mode)
        #expect(change.apply(to: 0o123, isDirectory: true) == mode)
    }

    @Test(arguments: ["8", "10000", "77777", "0x1", "644 ", "6a", "99999999999999999999", "0o644"])
    func refusesWrongOctalModes(_ text: String) {
        let error = #expect(throws: ParseError.self) { try FileModeChange(parsing: text) }
        let message = "invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777"
        #expect(error?.message == message)
    }

    @Test(arguments: ["x", "u", "u+r,", "u+r,,g+r", "+q", "ug", "u+r g", "rw", "a+rwz", ",", "-1", "u=rw;g=r"])
    func refusesWrongSymbolicModes(_ text: String) {
        let error = #expect(throws: ParseError.self) { try FileModeChange(parsing: text) }
        #expect(error?.message == "invalid syntax")
    }

    @Test func refusesNoModeAtAll() {
        #expect(throws: ParseError.self) { try FileModeChange(parsing: "") }
    }
}
