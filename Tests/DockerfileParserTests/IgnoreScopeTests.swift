import Testing

@testable import DockerfileParser

@Suite struct IgnoreScopeTests {
    /// Whether each directory and file of `path` from the top is selected, as a walk finds out.
    private static func verdicts(_ patterns: IgnorePatterns, _ path: String) -> [Bool] {
        let bytes = Array(path.utf8)
        var scope = IgnoreScope(patterns)
        var verdicts: [Bool] = []
        for end in bytes.indices.filter({ bytes[$0] == ASCII.slash }) + [bytes.count] {
            verdicts.append(scope.selects(bytes[..<end]))
            scope = scope.directory(bytes[..<end])
        }
        return verdicts
    }

    @Test(arguments: [
        ("*|!src|src/gen|!**/keep", "src/gen/keep", [false, true, false]),
        ("a", "a/b/c", [true, true, true]),
        ("a/*|!a/b", "a/b/c", [false, false, false]),
        ("**/x|!a", "a/x/y", [false, true, true]),
        ("b/**", "a/b/c", [false, false, false]),
    ]) func verdictsFollowFromTheDirectory(_ patterns: String, _ path: String, _ expected: [Bool]) throws {
        let list = try IgnorePatterns(patterns.split(separator: "|").map(String.init))
        #expect(Self.verdicts(list, path) == expected)
    }

    @Test func aWalkAgreesWithWholePaths() throws {
        let names = ["a", "b", "x.o", "keep"]
        let lists = [
            ["a"], ["a/b", "!a/b/keep"], ["**/b", "!keep"], ["*", "!a", "a/x.o"], ["a/**/keep", "!**/x.o", "b/*"],
            ["*.o", "!a/*.o", "**/keep"], ["?", "!a/b/x.o", "a/b/keep/**"],
        ]
        for list in lists {
            let patterns = try IgnorePatterns(list)
            for first in names {
                for second in names {
                    for third in names {
                        let path = "\(first)/\(second)/\(third)"
                        #expect(Self.verdicts(patterns, path).last == patterns.matches(path), "\(list) \(path)")
                    }
                }
            }
        }
    }
}

extension IgnorePatterns {
    /// Whether a walk need not descend into a directory because it is selected with all below it.
    func canSkipDirectory(_ path: String) -> Bool {
        matches(path) && !couldTakeBack(below: Array(path.utf8))
    }
}
