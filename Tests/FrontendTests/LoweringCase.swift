import BuildGraph
import DockerfileParser
import FoundationEssentials
import OCI

@testable import Frontend

/// One directory of `testdata/lowering` or `testdata/projects`.
struct LoweringCase: CustomStringConvertible, Sendable {
    /// The files that a case may expect; one that isn't there is expected to be empty.
    static let outputs = ["graph.txt", "config.json", "warnings.txt", "error.txt"]

    let name: String
    private let root: URL

    var description: String { name }

    static var isRecording: Bool { ProcessInfo.processInfo.environment["RECORD"] == "1" }

    /// Small cases, one for each thing.
    static let all = cases(of: "lowering")

    /// Dockerfiles after the manner of real projects.
    static let projects = cases(of: "projects")

    /// Every directory that holds a Dockerfile, by name.
    private static func cases(of directory: String) -> [LoweringCase] {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "testdata/\(directory)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().map { LoweringCase(name: $0, root: root) }.filter { $0.read("Dockerfile") != nil }
    }

    /// The text of the Dockerfile.
    var dockerfile: String? { text("Dockerfile") }

    /// The text of an expected file, empty where there is none.
    func expected(_ file: String) -> String { text(file) ?? "" }

    /// Lowers the Dockerfile and renders what comes out, by file name.
    func outcome() async -> [String: String] {
        var outcome = Dictionary(uniqueKeysWithValues: Self.outputs.map { ($0, "") })
        do {
            let file = SourceFile(name: "Dockerfile", bytes: read("Dockerfile") ?? [])
            let request = try RequestText.parse(text("request.txt") ?? "", dockerfile: file)
            let images = try ImageTable(shared: sharedImages, own: text("images.txt") ?? "")
            let build = try await DockerfileFrontend(resolver: images).lower(request)
            outcome["graph.txt"] = Self.render(build)
            outcome["config.json"] = build.results.map { PrettyJSON.text(of: $0.config.encoded()) }.joined()
            outcome["warnings.txt"] = build.warnings.map { "\($0.rule.rawValue): \($0.message) (line \($0.range))\n" }
                .joined()
        } catch let error as FrontendError {
            outcome["error.txt"] = Self.render(error)
        } catch {
            outcome["error.txt"] = "unexpected \(type(of: error)): \(error)\n"
        }
        return outcome
    }

    /// Writes the files of an outcome, and removes those that are empty.
    func record(_ outcome: [String: String]) throws {
        for (file, text) in outcome {
            let url = directory.appending(path: file)
            if text.isEmpty {
                try? FileManager.default.removeItem(at: url)
            } else {
                try Data(text.utf8).write(to: url)
            }
        }
    }

    private var sharedImages: String {
        (try? Data(contentsOf: root.appending(path: "images.txt"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private var directory: URL { root.appending(path: name) }

    private func read(_ file: String) -> [UInt8]? {
        (try? Data(contentsOf: directory.appending(path: file))).map { [UInt8]($0) }
    }

    private func text(_ file: String) -> String? { read(file).map { String(decoding: $0, as: UTF8.self) } }

    private static func render(_ build: LoweredBuild) -> String {
        var names: [Digest: String] = [:]
        for (index, id) in build.graph.order.enumerated() { names[id] = "v\(index)" }
        let name = { (id: Digest?) in id.map { names[$0] ?? "\($0)" } ?? "scratch" }
        var text = build.graph.dump()
        for result in build.results {
            let stages = result.stages.map { "\($0.name ?? "stage-\($0.index)") \($0.platform)" }
            text += "result \(result.platform) = \(name(result.root)) of \(stages.joined(separator: ", "))\n"
        }
        switch build.sourceDateEpoch {
        case .fixed(let seconds): text += "epoch \(seconds)\n"
        case .ofSource(let vertex): text += "epoch of \(name(vertex))\n"
        case nil: break
        }
        return text + (build.isMultiPlatform ? "multi-platform\n" : "")
    }

    private static func render(_ error: FrontendError) -> String {
        let places = error.locations.map { "\($0.file):\($0.lines.lowerBound)-\($0.lines.upperBound): " }.joined()
        return "\(places)\(error)\n" + (error.hint.map { "hint: \($0)\n" } ?? "")
    }
}
