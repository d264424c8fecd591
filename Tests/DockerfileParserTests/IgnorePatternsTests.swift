import Testing

@testable import DockerfileParser

@Suite struct IgnorePatternsTests {
    static let rows = (try? IgnoreTable().rows) ?? []

    @Test func hasATable() {
        #expect(Self.rows.count > 500)
        #expect(Self.rows.count { $0.expected.hasPrefix("!!") } > 30)
    }

    @Test(arguments: rows) func selectsThePathsThatTheTableSays(_ row: IgnoreTable.Row) {
        #expect(row.actual == row.expected)
    }

    @Test func takesTheLinesOfAFileAlsoAsAList() throws {
        for row in Self.rows where !row.isOfFlags {
            let list = IgnorePatterns.patterns(inFile: Array(row.text.utf8))
            guard !row.expected.hasPrefix("!!") else {
                #expect(throws: ParseError.self, "\(row)") { try IgnorePatterns(list) }
                continue
            }
            let patterns = try IgnorePatterns(list)
            let compiled = try row.compile()
            for path in row.paths { #expect(patterns.matches(path) == compiled.matches(path), "\(row): \(path)") }
        }
    }

    @Test func skipsNoDirectoryWithAnythingToKeepBelow() throws {
        for row in Self.rows where !row.expected.hasPrefix("!!") {
            let patterns = try row.compile()
            for directory in row.directories where patterns.canSkipDirectory(directory) {
                let kept = row.paths.filter { $0.hasPrefix(directory + "/") && !patterns.matches($0) }
                #expect(kept == [], "\(row) skips \(directory)")
            }
        }
    }

    @Test func missesNoDirectoryWithAnythingSelectedBelow() throws {
        for row in Self.rows where !row.expected.hasPrefix("!!") {
            let patterns = try row.compile()
            for directory in row.directories {
                guard !patterns.matches(directory), !patterns.couldMatch(below: Array(directory.utf8)) else { continue }
                let selected = row.paths.filter { $0.hasPrefix(directory + "/") && patterns.matches($0) }
                #expect(selected == [], "\(row) misses \(directory)")
            }
        }
    }

    @Test(arguments: [
        ("node_modules", "node_modules", true), ("*", "src", true), ("*|!src/main.go", "src", false),
        ("*|!src/main.go", "docs", true), ("*|!src/main.go", "src/sub", true), ("*|!src/**", "docs", true),
        ("*|!src/*/x", "src/a", false), ("*|!src/*/x", "src/a/b", true), ("*|!**/keep", "docs", false),
        ("a|!ab", "a", true), ("**/cache|!a/cache/x", "a/cache", false), ("**/cache|!a/cache/x", "b/cache", true),
        ("docs", "src", false), ("docs|!docs", "docs", false), ("a/*|!a/b*", "a/c", true),
        ("a/*|!a/b*/c", "a/b1", false),
    ]) func skipsDirectoriesThatAreSelectedWhole(_ patterns: String, _ directory: String, _ expected: Bool) throws {
        let list = try IgnorePatterns(patterns.split(separator: "|").map(String.init))
        #expect(list.canSkipDirectory(directory) == expected)
    }

    @Test(arguments: [
        ("!", "illegal exclusion pattern: \"!\""), ("a\n! \n", "illegal exclusion pattern: \"!\""),
        ("[", "syntax error in pattern"), ("a[b", "syntax error in pattern"), ("[]a]", "syntax error in pattern"),
        ("[a-]", "syntax error in pattern"), ("[-x]", "syntax error in pattern"), ("a\\", "syntax error in pattern"),
        ("[^]", "syntax error in pattern"), ("![", "syntax error in pattern"),
    ]) func refusesPatterns(_ file: String, _ message: String) {
        let error = #expect(throws: ParseError.self) { try IgnorePatterns(file: Array(file.utf8)) }
        #expect(error?.message == message)
    }

    @Test func readsFilesWithMarksCommentsAndCarriageReturns() throws {
        let patterns = try IgnorePatterns(file: Array("\u{FEFF}#a\r\n b \r\n\r\n  # c\r\n!/d/../e\r\n".utf8))
        #expect(["#a", "a", "b", "# c", "c"].map { patterns.matches($0) } == [false, false, true, true, false])
        #expect(patterns.hasExceptions)
        #expect(try IgnorePatterns(file: []).isEmpty)
        #expect(try IgnorePatterns(file: Array("# only\n".utf8)).isEmpty)
    }

    @Test func listsThePatternsOfAFile() {
        let file = Array("\u{FEFF}# a\r\n/node_modules/\r\n\r\n!  /x/../y\n!\n/\n a b \n".utf8)
        #expect(IgnorePatterns.patterns(inFile: file) == ["node_modules", "!y", "!", "/", "a b"])
    }

    @Test func doesNotStripSlashesOrCommentsFromFlagPatterns() throws {
        #expect(try IgnorePatterns(["#a"]).matches("#a"))
        #expect(try !IgnorePatterns(["/a"]).matches("a"))
        #expect(try IgnorePatterns([" ./a/ ", ""]).matches("a"))
    }

    @Test func matchesPathsThatAreNotText() throws {
        let patterns = try IgnorePatterns(["*.bin", "x?"])
        #expect(patterns.matches([0xFF, 0xFE] + Array(".bin".utf8)))
        #expect(patterns.matches(Array("x".utf8) + [0xFF]))
        #expect(!patterns.matches([0xFF]))
    }

    @Test func matchesPatternsOfAnyLength() throws {
        let middle = String(repeating: "abcdefghi/", count: 20)
        let patterns = try IgnorePatterns(["x*/\(middle)*.o", "!**/\(middle)[k]*"])
        #expect(patterns.matches("x1/\(middle)y.o"))
        #expect(!patterns.matches("x1/\(middle)k.o"))
        #expect(!patterns.matches("x1/\(middle)y.c"))
        #expect(!patterns.canSkipDirectory("x1"))
    }

    @Test func takesLinearTime() throws {
        let stars = String(repeating: "*a", count: 40) + "b"
        let deep = String(repeating: "**/a/", count: 30) + "b"
        let patterns = try IgnorePatterns([stars, deep])
        #expect(!patterns.matches(String(repeating: "a", count: 2000)))
        #expect(!patterns.matches(Array(repeating: "a", count: 100).joined(separator: "/")))
    }
}
