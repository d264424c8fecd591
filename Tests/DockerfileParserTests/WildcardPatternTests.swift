import Testing

@testable import DockerfileParser

@Suite struct WildcardPatternTests {
    @Test(arguments: [
        ("abc", "abc", true), ("*", "abc", true), ("*c", "abc", true), ("a*", "a", true), ("a*", "abc", true),
        ("a*", "ab/c", false), ("a*/b", "abc/b", true), ("a*/b", "a/c/b", false), ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
        ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true), ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
        ("a*b?c*x", "abxbbxdbxebxczzx", true), ("a*b?c*x", "abxbbxdbxebxczzy", false), ("ab[c]", "abc", true),
        ("ab[b-d]", "abc", true), ("ab[e-g]", "abc", false), ("ab[^c]", "abc", false), ("ab[^b-d]", "abc", false),
        ("ab[^e-g]", "abc", true), ("a\\*b", "a*b", true), ("a\\*b", "ab", false), ("a?b", "a☺b", true),
        ("a[^a]b", "a☺b", true), ("a???b", "a☺b", false), ("[a-ζ]*", "α", true), ("*[a-ζ]", "A", false),
        ("a?b", "a/b", false), ("a*b", "a/b", false), ("[\\]a]", "]", true), ("[\\-]", "-", true),
        ("[x\\-]", "x", true),
        ("[x\\-]", "-", true), ("[\\-x]", "a", false), ("*x", "xxx", true), ("", "", true), ("", "a", false),
        ("*", "", true), ("?", "", false), ("**", "abc", true), ("**", "a/b", false), ("**/b", "a/x/b", false),
        ("[!a]", "!", true), ("[!a]", "b", false), ("a[b]", "a", false), ("*/*", "a/b", true), ("*/*", "a/b/c", false),
        ("[z-a]", "m", false), ("a/[b]*", "a/bc", true), (".*", ".git", true), ("*.go", "main.go", true),
    ]) func matchesAsGoDoes(_ pattern: String, _ path: String, _ expected: Bool) throws {
        #expect(try WildcardPattern(pattern).matches(path) == expected)
    }

    @Test(arguments: [
        "[", "[^", "[^bc", "a[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "\\", "a\\", "[\\", "[a-", "*[",
    ])
    func refusesWrongPatterns(_ pattern: String) {
        let error = #expect(throws: ParseError.self) { try WildcardPattern(pattern) }
        #expect(error?.message == "syntax error in pattern")
    }

    @Test func knowsWildcards() {
        #expect(
            ["a*", "a?", "[a", "a", "a]", "a\\b"].map(WildcardPattern.hasWildcard) == [
                true, true, true, false, false, false,
            ]
        )
    }
}
