import FoundationEssentials
import Testing

/// The golden directories below `testdata`, found from this file's own place.
struct TestData {
    /// `testdata/<name>`.
    let root: String

    init(_ name: String, file: String = #filePath) {
        let tests = file.split(separator: "/").dropLast(3).joined(separator: "/")
        root = "/\(tests)/testdata/\(name)"
    }

    /// The names of the cases, sorted.
    var cases: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The bytes of a file of a case, or nil.
    func read(_ name: String, of testCase: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(root)/\(testCase)/\(name)").map(Array.init)
    }

    /// Expects `actual` to be what the golden file holds; with `RECORD=1` writes it and fails.
    func expect(_ actual: String, matches name: String, of testCase: String) throws {
        guard ProcessInfo.processInfo.environment["RECORD"] != "1" else {
            try Data(actual.utf8).write(to: URL(filePath: "\(root)/\(testCase)/\(name)"))
            Issue.record("recorded \(testCase)/\(name)")
            return
        }
        let expected = read(name, of: testCase).map { String(decoding: $0, as: UTF8.self) }
        #expect(actual == expected, "\(testCase)/\(name)")
    }
}
