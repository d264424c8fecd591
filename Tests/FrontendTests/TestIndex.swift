import FoundationEssentials
import Testing

/// A file of `testdata/` that names a test for each of a list of things: lines of a key and a place, which is
/// `File.swift#function` below `Tests/` or a directory of cases below `testdata/`.
struct TestIndex {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let lines: [(key: String, place: String)]

    var keys: Set<String> { Set(lines.map(\.key)) }

    init(_ name: String) throws {
        let data = try Data(contentsOf: Self.root.appending(path: "testdata/\(name)"))
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix(";") }
        self.lines = lines.map { line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            return (parts[0], parts.last ?? "")
        }
    }

    func expectPlacesExist() throws {
        for (key, place) in lines {
            let parts = place.split(separator: "#", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                let file = Self.root.appending(path: "Tests/\(parts[0])")
                let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                let declarations = ["func \(parts[1])(", "func `\(parts[1])`("]
                #expect(declarations.contains { text.contains($0) }, "\(key): \(place)")
            } else {
                let directory = Self.root.appending(path: "testdata/\(place)").path
                let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
                #expect(!files.isEmpty, "\(key): \(place)")
            }
        }
    }
}
