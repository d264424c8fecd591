import LinuxSystem
import Testing

@testable import Storage

struct PathTableTests {
    private func table(_ paths: [Path]) -> PathTable {
        var table = PathTable(valueSize: 1)
        for (index, path) in paths.enumerated() {
            withUnsafeBytes(of: UInt8(truncatingIfNeeded: index)) { table.append(path, $0) }
        }
        return table
    }

    private func paths(_ table: PathTable) -> [Path] { (0..<table.count).map { table.path(at: $0) } }

    @Test func theOrderIsThatOfAWalk() {
        var mixed = table(["b", "a/c", "a.c", "a", "a/b/z", "a/b", "", "a-"])
        mixed.sort()
        #expect(paths(mixed) == ["", "a", "a/b", "a/b/z", "a/c", "a-", "a.c", "b"])
    }

    @Test func ofSeveralWithOnePathTheLastOneStays() throws {
        var twice = table(["b", "a", "b", "a"])
        twice.sort()
        #expect(paths(twice) == ["a", "b"])
        #expect((0..<2).map { twice.withValue(at: $0) { $0[0] } } == [3, 2])
        // In order, but for one that comes twice.
        var repeated = table(["a", "a"])
        repeated.sort()
        #expect(repeated.count == 1)
    }

    @Test func everyPathIsFoundWhereverOneAsksNext() {
        let names = (0..<200).map { Path("\($0 / 10)/\($0)") }
        var sorted = table(names)
        sorted.sort()
        var random = SystemRandomNumberGenerator()
        for order in [paths(sorted), paths(sorted).reversed(), names.shuffled(using: &random)] {
            var cursor = 0
            for name in order {
                let index = sorted.index(of: name, &cursor)
                #expect(index.map { sorted.path(at: $0) } == name)
                #expect(sorted.index(of: name.appending("x"), &cursor) == nil)
            }
        }
        var cursor = 5
        #expect(PathTable(valueSize: 1).index(of: "a", &cursor) == nil)
    }

    @Test func recordsComeBackFromTheirBytes() throws {
        let written = table(["a", "b/c"])
        let read = try #require(PathTable(valueSize: 1, written.bytes))
        #expect(read == written)
        for count in 1..<written.bytes.count where count != 6 {
            #expect(PathTable(valueSize: 1, Array(written.bytes.prefix(count))) == nil)
        }
        // A length beyond the end.
        #expect(PathTable(valueSize: 1, [255, 255, 255, 255, 0, 0]) == nil)
    }
}
