import FoundationEssentials
import Testing

/// `testdata/rules.txt` names a test for every subtle rule of spec/12.
@Suite
struct RuleIndexTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// How many rules there are, and those of what isn't built yet: manifests of a remote cache.
    private static let rules = Set(1...35).subtracting([30])

    private static let places: [(rule: Int, place: String)] = {
        let data = (try? Data(contentsOf: root.appending(path: "testdata/rules.txt"))) ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix(";") }.map { line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            return (Int(parts[0]) ?? 0, parts.last ?? "")
        }
    }()

    @Test
    func `every rule has a place`() {
        #expect(Set(Self.places.map(\.rule)) == Self.rules)
    }

    @Test
    func `the places exist`() throws {
        for (rule, place) in Self.places {
            let parts = place.split(separator: "#", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                let file = Self.root.appending(path: "Tests/\(parts[0])")
                let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                let declarations = ["func \(parts[1])(", "func `\(parts[1])`("]
                #expect(declarations.contains { text.contains($0) }, "rule \(rule): \(place)")
            } else {
                let directory = Self.root.appending(path: "testdata/\(place)").path
                let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
                #expect(!files.isEmpty, "rule \(rule): \(place)")
            }
        }
    }
}
